// Durations and points in time as values. This file reads no clock; the socket layer and the loop do that.
#pragma once

#include "weir/base/language.h"

#include <chrono>

namespace [[gnu::visibility("default")]] weir {

// A length of time; values in std::chrono units, such as 20ms, convert to it.
using duration = std::chrono::nanoseconds;
// A point on the monotonic clock (CLOCK_MONOTONIC), or on a simulated one.
using time_point = std::chrono::time_point<std::chrono::steady_clock, duration>;

// Returns `from` plus `by`, or time_point::max() if the sum is beyond it. `by` must not be negative. A limit may be as
// long as duration::max(), for which a plain `+` would overflow.
constexpr time_point later(time_point from, duration by) noexcept {
    if (from > time_point() && by > time_point::max() - from) return time_point::max();
    return from + by;
}

// The time at which an operation gives up, or never. `within(5s)` (weir/socket/clock.h) makes a deadline relative to
// the current time. Thread safety: a value.
class deadline {
public:
    constexpr deadline() noexcept = default;  // never
    // The operation gives up at this time.
    constexpr deadline(time_point at) noexcept : at_(at) {}
    // The same as deadline().
    static constexpr deadline never() noexcept { return {}; }

    // is_never() returns whether this deadline never passes. at() returns its time; time_point::max() for never.
    // passed() returns whether the deadline has passed at the time `now`.
    constexpr bool is_never() const noexcept { return at_ == time_point::max(); }
    constexpr time_point at() const noexcept { return at_; }
    constexpr bool passed(time_point now) const noexcept { return !is_never() && now >= at_; }

    // The earlier deadline is less than the later one; never is the greatest.
    friend constexpr auto operator<=>(deadline, deadline) noexcept = default;

private:
    time_point at_ = time_point::max();
};

}  // namespace weir
