// The monotonic clock, for code that blocks. Code on a loop uses the loop's clock instead, because its time may be
// simulated.
#pragma once

#include "weir/base/time.h"

namespace [[gnu::visibility("default")]] weir {

// Returns the time of CLOCK_MONOTONIC, clock_gettime(2). Thread safety: any thread.
time_point now() noexcept;

// Returns the deadline that is `time` from now: `within(5s)`. Zero or a negative time gives a deadline that has already
// passed; a call with that deadline still delivers what is ready at once. A time beyond the clock's range gives
// deadline::never().
deadline within(duration time) noexcept;

}  // namespace weir
