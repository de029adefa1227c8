// Runs coroutines one after another without growing the stack. A coroutine that starts another one, or ends, does not
// resume the other coroutine itself. It passes that coroutine to next() and suspends; then run() resumes it. (Symmetric
// transfer would do the same, but g++ 12 compiles it to real calls below -O2 and under sanitizers.)
#pragma once

#include "weir/base/language.h"

#include <coroutine>
#include <utility>

#include "weir/base/check.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {
namespace trampoline {

extern constinit thread_local std::coroutine_handle<> pending;

// Sets the coroutine to resume as soon as the one that runs now has suspended.
inline void next(std::coroutine_handle<> one) noexcept {
    WEIR_CHECK(!pending, "two coroutines are to be resumed next: a task was resumed by something other than its loop");
    pending = one;
}

// Resumes the coroutine, and then each one that next() has set meanwhile, until there is none.
inline void run(std::coroutine_handle<> one) {
    do {
        one.resume();
        one = std::exchange(pending, nullptr);
    } while (one);
}

}  // namespace trampoline
}  // namespace internal
}  // namespace weir
