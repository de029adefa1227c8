// Pauses between retries, each twice as long as the one before, up to a limit. Private.
#pragma once

#include <algorithm>
#include <chrono>
#include <utility>

#include "weir/base/time.h"

namespace weir::internal {

// Used for an event that the kernel does not report: room in the queue of a Unix socket, unix(7). Thread safety: a
// value.
class back_off {
public:
    static constexpr duration shortest = std::chrono::microseconds(100);
    static constexpr duration longest = std::chrono::milliseconds(20);

    // Returns the length of the next pause.
    duration next() noexcept { return std::exchange(pause_, std::min(2 * pause_, longest)); }

private:
    duration pause_ = shortest;
};

}  // namespace weir::internal
