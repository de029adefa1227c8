// Waiting for one descriptor until an absolute time: what a blocking call with a deadline is made of. Private.
#pragma once

#include <cstdint>

#include "weir/base/time.h"

namespace weir {

// urgent: out-of-band data, POLLPRI.
enum class readiness : std::uint8_t { readable, writable, urgent };

// ppoll(2) until `fd` is ready (or has failed: the call that follows tells how), gone on with after signals. Returns 0,
// or an errno value: ETIME when the deadline passed. One that has passed already does not ask the kernel: the caller has
// just tried, and trying again could go on for ever. Thread safety: any thread.
int wait_until(int fd, readiness wanted, deadline until) noexcept;

}  // namespace weir
