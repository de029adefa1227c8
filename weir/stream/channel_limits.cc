#include "weir/stream/channel_limits.h"

namespace weir {

std::string_view channel_limits::problem() const noexcept {
    const auto is_over_at_once = [](const std::optional<duration>& time) { return time && *time <= duration::zero(); };
    if (high_water_bytes == std::size_t{0})
        return "high_water_bytes is 0, so nothing could be sent; std::nullopt means no limit";
    if (high_water_bytes && low_water_bytes > *high_water_bytes) return "low_water_bytes is above high_water_bytes";
    if (is_over_at_once(stalled_send)) return "stalled_send must be more than 0; std::nullopt means no limit";
    if (is_over_at_once(first_message)) return "first_message must be more than 0; std::nullopt means no limit";
    if (is_over_at_once(whole_message)) return "whole_message must be more than 0; std::nullopt means no limit";
    if (is_over_at_once(idle)) return "idle must be more than 0; std::nullopt means no limit";
    if (linger_time && *linger_time < duration::zero()) return "linger_time is less than 0";
    return {};
}

}  // namespace weir
