// Waits for a signal of the process, for a program that is no server: serve() handles its signals itself.
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
// waits, from its co_await on, the signal's own effect is off. Before and after that it is on, so a second SIGINT ends
// a program that does not wait again. Several tasks may wait for one signal: each gets it. Errors: cancelled;
// over_limit, when more than 64 waits and servers of the process watch signals; unsupported, where the backend has
// none. Thread safety: on a loop.
task<result<signal>> next_signal();
task<result<signal>> next_signal(std::vector<signal> which);

}  // namespace weir
