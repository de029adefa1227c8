// Waiting in the kernel for room in the queue of another Unix socket. Private.
#pragma once

#include "weir/base/time.h"

namespace weir {

// poll(2) cannot tell when there is room in the queue of a Unix socket that this one is not connected to. A blocking call
// can wait for it, and SO_SNDTIMEO, which the kernel heeds there, bounds the wait. `call(data)` is a system call that
// sends or connects; it gives 0 or an errno value, and is repeated after EAGAIN and EINTR. Returns what it said last:
// ETIME when the deadline (never `never`) passed. Whether `fd` blocks, and its SO_SNDTIMEO, are the same afterwards;
// a thread that counts on its not blocking would block in between. Thread safety: one thread at a time for a descriptor.
int within_send_timeout(int fd, deadline until, int (*call)(void*), void* data) noexcept;

}  // namespace weir
