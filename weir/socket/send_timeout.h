// Waiting in the kernel for room in the queue of another Unix socket. Private.
#pragma once

#include "weir/base/time.h"

namespace weir {

// poll(2) cannot tell when there is room in the queue of a Unix socket that this one is not connected to. A blocking
// call can wait for it, and SO_SNDTIMEO, which the kernel heeds there, bounds the wait; it is the same afterwards. A
// non-blocking descriptor stays non-blocking all the time, because another thread may receive from it: the call is
// tried again after pauses of up to back_off::longest. `call(data)` is a system call that sends or connects; it gives 0
// or an errno value, and is repeated after EAGAIN and EINTR. Returns what it said last: ETIME when the deadline (never
// `never`) passed. Thread safety: one thread at a time for a descriptor; another one may receive.
int within_send_timeout(int fd, deadline until, int (*call)(void*), void* data) noexcept;

}  // namespace weir
