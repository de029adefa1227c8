// How coroutines follow each other without growing the stack: one that starts another, or ends, does not resume it but
// leaves it here and suspends; whoever resumed it resumes the next. (Symmetric transfer would do the same, but g++ 12
// makes real calls of it below -O2 and under sanitizers.)
#pragma once

#include <coroutine>
#include <utility>

#include "weir/base/check.h"

namespace [[gnu::visibility("default")]] weir {
namespace trampoline {

extern constinit thread_local std::coroutine_handle<> pending;

// To be resumed as soon as the coroutine that runs now has suspended.
inline void next(std::coroutine_handle<> one) noexcept {
    WEIR_CHECK(!pending, "two coroutines are to be resumed next: a task was resumed by something else than its loop");
    pending = one;
}

// Resumes it, then what it left as next, until nothing is left.
inline void run(std::coroutine_handle<> one) {
    do {
        one.resume();
        one = std::exchange(pending, nullptr);
    } while (one);
}

}  // namespace trampoline
}  // namespace weir
