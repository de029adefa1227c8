// Calls connect(2), and handles interruption and deadlines, which differ between IP and Unix sockets. Private.
#pragma once

#include "weir/base/time.h"
#include "weir/socket/internal/native_address.h"

namespace weir::internal {

// Connects `fd` and returns 0 or an errno value. ETIME: the deadline passed. EINPROGRESS (IP) or EAGAIN (Unix, the
// peer's queue is full): the descriptor is non-blocking and there is no deadline. The blocking mode of `fd` is kept.
// Thread safety: one thread at a time for one descriptor.
int connect_ip(int fd, const native_address& peer, deadline until) noexcept;
int connect_local(int fd, const native_address& peer, deadline until) noexcept;

}  // namespace weir::internal
