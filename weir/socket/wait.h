// Waiting for one descriptor until an absolute time: what a blocking call with a deadline is made of. Private.
#pragma once

#include <cstdint>

#include <ctime>

#include "weir/base/time.h"

namespace weir {

// urgent: out-of-band data, POLLPRI, or the end of what the peer sends.
enum class readiness : std::uint8_t { readable, writable, urgent };

// ppoll(2) until `fd` is ready (or has failed: the call that follows tells how), gone on with after signals. Returns 0,
// or an errno value: ETIME when the deadline passed. One that has passed already does not ask the kernel: the caller
// has just tried, and trying again could go on for ever; one that passed while a signal was handled, or the program
// stopped, asks once more. Thread safety: any thread.
int wait_until(int fd, readiness wanted, deadline until) noexcept;

// Whether no out-of-band byte can come any more: the peer ended its sending, or the connection has failed, and none is
// waiting.
bool is_past_urgent(int fd) noexcept;

// How long it is from then until the deadline, for ppoll(2) and its like: nothing when it has passed. Not for one that
// is never.
timespec time_left(deadline until, time_point from) noexcept;

}  // namespace weir
