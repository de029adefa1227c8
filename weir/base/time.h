// Durations and points in time as values. This file reads no clock; the socket layer and the loop do that.
#pragma once

#include "weir/base/language.h"

#include <chrono>

namespace [[gnu::visibility("default")]] weir {

// A length of time; every unit of std::chrono converts to it.
using duration = std::chrono::nanoseconds;
// A point on the monotonic clock (CLOCK_MONOTONIC), or on a simulated one.
using time_point = std::chrono::time_point<std::chrono::steady_clock, duration>;

// Returns `from` plus `by`, which must not be negative; the end of the clock's range if the sum is beyond it. Limits
// and gaps may be as long as a duration can be, so a plain `+` would overflow.
constexpr time_point later(time_point from, duration by) noexcept {
    if (from > time_point() && by > time_point::max() - from) return time_point::max();
    return from + by;
}

// When an operation gives up: a point in time, or never. `within(5s)` (weir/socket/clock.h) makes one relative to now.
// Thread safety: a value.
class deadline {
public:
    constexpr deadline() noexcept = default;  // never
    // The operation gives up at this time.
    constexpr deadline(time_point at) noexcept : at_(at) {}
    // The same as deadline().
    static constexpr deadline never() noexcept { return {}; }

    // is_never(): whether it never passes. at(): the time; time_point::max() for never. passed(): whether it has
    // passed at the time `now`.
    constexpr bool is_never() const noexcept { return at_ == time_point::max(); }
    constexpr time_point at() const noexcept { return at_; }
    constexpr bool passed(time_point now) const noexcept { return !is_never() && now >= at_; }

    // The earlier one is less; never is the greatest.
    friend constexpr auto operator<=>(deadline, deadline) noexcept = default;

private:
    time_point at_ = time_point::max();
};

}  // namespace weir
