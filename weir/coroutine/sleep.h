// Suspends a task for some time.
#pragma once

#include <source_location>

#include "weir/base/time.h"
#include "weir/coroutine/internal/sleep_awaiter.h"

namespace [[gnu::visibility("default")]] weir {

// Suspends the task until `due`, or for `time`. Returns errc::cancelled if the task is cancelled first. If that time
// has already passed, the task still suspends, and resumes after everything else that is ready.
[[nodiscard("nothing sleeps without co_await: `co_await weir::sleep(...);`")]]
inline internal::sleep_awaiter sleep_until(time_point due) {
    return internal::sleep_awaiter(due);
}
[[nodiscard("nothing sleeps without co_await: `co_await weir::sleep(...);`")]]
inline internal::sleep_awaiter sleep(duration time, std::source_location where = std::source_location::current()) {
    const time_point now = loop::current(where).now();
    return internal::sleep_awaiter(later(now, time));
}

}  // namespace weir
