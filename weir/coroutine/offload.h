// Runs blocking work on another thread, while the loop continues.
//
//     auto text = co_await weir::offload([] { return read_file("/etc/motd"); });
#pragma once

#include <utility>

#include "weir/coroutine/internal/offload_awaiter.h"

namespace [[gnu::visibility("default")]] weir {

// Runs `work`, a copyable function without arguments, on a helper thread. Returns its value, or throws its exception.
// The function is destroyed on that thread before the task resumes. A cancel does not stop the work, but its value is
// then dropped. If `work` itself returns a result, offload() returns a result of a result: test both. Everything that
// the work refers to must outlive the work, not only the task. The destructor of the loop waits for work in progress.
// With `leave_behind` it does not wait: use this for work that may block for long and that owns everything it uses.
// Errors: cancelled; system or no_memory, if no thread can run the work, which is then not run.
template <class Work>
[[nodiscard(
    "nothing runs without co_await: `auto done = co_await weir::offload(...);`")]] internal::offload_awaiter<Work>
offload(Work work, at_loop_end then = at_loop_end::finish) {
    return internal::offload_awaiter<Work>(std::move(work), then);
}

}  // namespace weir
