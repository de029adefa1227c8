// Waits for a signal of the process, in a program that does not use serve(), which handles signals itself.
//
//     auto which = co_await weir::next_signal();
//     if (which) std::cerr << "stopping\n";
#pragma once

#include <vector>

#include "weir/base/result.h"
#include "weir/coroutine/task.h"
#include "weir/loop/backend.h"

namespace [[gnu::visibility("default")]] weir {

// Waits until the process gets one of these signals, and returns it; without an argument SIGINT or SIGTERM. While it
// waits, from its co_await on, the signal does not have its usual effect. Before and after that it has, so a second
// SIGINT ends a program that does not wait again. Several tasks may wait for the same signal: each of them gets it.
// Errors: cancelled; over_limit, when more than 64 waits and servers of the process watch signals; unsupported, if the
// backend has no signals. Thread safety: the thread of a running loop.
task<result<signal>> next_signal();
task<result<signal>> next_signal(std::vector<signal> which);

}  // namespace weir
