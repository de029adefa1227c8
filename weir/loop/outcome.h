// The result of an operation of a backend: a code to branch on, and errno. It is cheap because most operations succeed;
// during() makes an `error` with text for people.
#pragma once

#include "weir/base/error.h"

namespace [[gnu::visibility("default")]] weir {

// Thread safety: a value.
struct outcome {
    errc code = errc::none;  // none: it succeeded
    int system_code = 0;     // the errno behind it, or 0

    // The code and errno of an error.
    static outcome of(const weir::error& why) noexcept { return {why.code(), why.system_code()}; }
    // Whether it succeeded.
    bool good() const noexcept { return code == errc::none; }
    // The error of an operation that ended so; see error.
    weir::error during(std::string operation, std::string subject) const {
        return weir::error(code, std::move(operation), std::move(subject), {}, system_code);
    }
    friend bool operator==(const outcome&, const outcome&) = default;
};

}  // namespace weir
