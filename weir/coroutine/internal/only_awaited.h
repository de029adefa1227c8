// An operation must be awaited: `auto message = co_await client.receive()`. A program that forgets the co_await and
// uses the operation like its result does not compile. The compiler's error names what is missing.
#pragma once

#include "weir/base/language.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {

// A base of all operations that are awaited; it has no data.
struct only_awaited {
    template <class Missing = void>
    explicit operator bool() const {
        static_assert(sizeof(Missing*) == 0, "co_await is missing: this is an operation that was not awaited");
        return false;
    }
    // The return types are deduced, so that the static_assert is the first error.
    template <class Missing = void>
    auto operator*() const {
        static_assert(sizeof(Missing*) == 0, "co_await is missing: this is an operation that was not awaited");
        return 0;
    }
    template <class Missing = only_awaited>
    auto operator->() const {
        static_assert(sizeof(Missing*) == 0, "co_await is missing: this is an operation that was not awaited");
        return static_cast<Missing*>(nullptr);
    }
};

}  // namespace internal
}  // namespace weir
