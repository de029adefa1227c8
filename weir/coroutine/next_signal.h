// Waits for a signal to the process. This is for programs that do not use serve(): serve() handles signals itself.
//
//     auto which = co_await weir::next_signal();
//     if (which) std::cerr << "stopping\n";
#pragma once

#include <vector>

#include "weir/base/result.h"
#include "weir/coroutine/task.h"
#include "weir/loop/backend.h"

namespace [[gnu::visibility("default")]] weir {

// Waits until the process gets one of these signals, and returns that signal. Without an argument it waits for SIGINT
// or SIGTERM. While the task waits, these signals do not have their usual effect. At any other time they have it, so a
// second SIGINT ends a program that does not wait again. Several tasks may wait for the same signal: each of them gets
// it. Errors: cancelled; over_limit, if all waits and servers of the process together watch more than 64 signals;
// unsupported, if the backend has no signals. Thread safety: the thread of a running loop.
task<result<signal>> next_signal();
task<result<signal>> next_signal(std::vector<signal> which);

}  // namespace weir
