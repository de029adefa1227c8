// The monotonic clock, for code that blocks. Code on a loop asks the loop instead: there time may be simulated.
#pragma once

#include "weir/base/time.h"

namespace [[gnu::visibility("default")]] weir {

// CLOCK_MONOTONIC, clock_gettime(2). Thread safety: any thread.
time_point now() noexcept;

// The deadline that lies `time` from now: `within(5s)`. Nothing or less has passed already (a call still delivers what
// is ready at once); what would lie beyond the clock's range is never.
deadline within(duration time) noexcept;

}  // namespace weir
