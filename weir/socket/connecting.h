// connect(2) with its corners: interrupted, with a deadline, over IP and over Unix sockets, which differ. Private.
#pragma once

#include "weir/base/time.h"
#include "weir/socket/native_address.h"

namespace weir {

// Connects `fd` and returns 0, or an errno value: ETIME when the deadline passed, EINPROGRESS (IP) or EAGAIN (Unix, the
// peer's queue is full) on a non-blocking descriptor without a deadline. Whether `fd` blocks is the same afterwards.
// Thread safety: one thread at a time for one descriptor.
int connect_ip(int fd, const native_address& peer, deadline until) noexcept;
int connect_local(int fd, const native_address& peer, deadline until) noexcept;

}  // namespace weir
