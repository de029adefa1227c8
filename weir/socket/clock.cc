#include "weir/socket/clock.h"

#include <chrono>

namespace weir {

time_point now() noexcept { return std::chrono::steady_clock::now(); }

deadline within(duration time) noexcept {
    const time_point from = now();
    if (time >= time_point::max() - from) return deadline::never();
    if (time <= duration::zero()) return deadline(from);
    return deadline(from + time);
}

}  // namespace weir
