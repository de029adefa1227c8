// Waits for one descriptor until an absolute time, for blocking calls with a deadline. Private.
#pragma once

#include <cstdint>

#include <ctime>

#include "weir/base/time.h"

namespace weir::internal {

// urgent: out-of-band data, POLLPRI, or the end of the peer's stream.
enum class readiness : std::uint8_t { readable, writable, urgent };

// Waits with ppoll(2) until `fd` is ready, and continues after signals. Returns 0 or an errno value; ETIME: the
// deadline passed. Also returns 0 when `fd` has failed: the call that follows returns the error. A deadline that has
// already passed causes no system call, because the caller has just tried, and would otherwise retry for ever. If the
// deadline passes in a signal handler, or while the program is stopped, the function polls once more. Thread safety:
// any thread.
int wait_until(int fd, readiness wanted, deadline until) noexcept;

// Returns true when no out-of-band byte can arrive any more: none is queued, and the peer has ended its stream or the
// connection has failed.
bool is_past_urgent(int fd) noexcept;

// Returns the time from `from` until the deadline, for ppoll(2) and similar calls; 0 when the deadline has passed.
// Requires a deadline that is not `never`.
timespec time_left(deadline until, time_point from) noexcept;

}  // namespace weir::internal
