// Waits in the kernel for room in the queue of another Unix socket. Private.
#pragma once

#include "weir/base/time.h"

namespace weir::internal {

// Repeats `call(data)`, a system call that sends or connects, after EAGAIN and EINTR. The call returns 0 or an errno
// value. Requires a deadline that is not `never`. Returns the result of the last call; ETIME when the deadline passed.
//
// poll(2) does not report room in the queue of a Unix socket that this one is not connected to. A blocking call waits
// for room, and SO_SNDTIMEO limits the wait; the option is restored afterwards. A non-blocking descriptor stays
// non-blocking, because another thread may receive from it. For such a descriptor the call is repeated after pauses of
// up to back_off::longest. Thread safety: one thread at a time for a descriptor; another one may receive.
int within_send_timeout(int fd, deadline until, int (*call)(void*), void* data) noexcept;

}  // namespace weir::internal
