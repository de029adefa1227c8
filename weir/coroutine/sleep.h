// Waiting for a time.
#pragma once

#include "weir/base/time.h"
#include "weir/coroutine/internal/sleeping.h"

namespace [[gnu::visibility("default")]] weir {

// Suspends the task until then. Returns errc::cancelled when it was cancelled before. With a time that has passed the
// task resumes after everything else that is ready.
[[nodiscard]] inline internal::sleeping sleep_until(time_point due) { return internal::sleeping(due); }
[[nodiscard]] inline internal::sleeping sleep(duration time) {
    const time_point now = loop::current().now();
    return internal::sleeping(later(now, time));
}

}  // namespace weir
