// The result of an operation of a backend: a code to branch on, and errno. It has no text, because most operations
// succeed; during() makes an `error` with text for people.
#pragma once

#include "weir/base/error.h"

namespace [[gnu::visibility("default")]] weir {

// The result of an operation: a code and an errno. Thread safety: a value.
struct outcome {
    errc code = errc::none;  // none: the operation succeeded
    int system_code = 0;     // the errno of the failure, or 0

    // Makes an outcome from the code and the errno of an error.
    static outcome of(const weir::error& why) noexcept { return {why.code(), why.system_code()}; }
    // Returns whether the operation succeeded.
    bool good() const noexcept { return code == errc::none; }
    // Makes the error of this outcome; `operation` and `subject` are those of class error.
    weir::error during(std::string operation, std::string subject) const {
        return weir::error(code, std::move(operation), std::move(subject), {}, system_code);
    }
    // Compares the code and the errno.
    friend bool operator==(const outcome&, const outcome&) = default;
};

}  // namespace weir
