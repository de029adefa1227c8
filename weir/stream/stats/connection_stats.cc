#include "weir/stream/stats/connection_stats.h"

#include <numeric>
#include <tuple>

namespace weir {

static_assert(static_cast<std::size_t>(errc::system) < std::tuple_size_v<decltype(connection_stats::ended)>);

std::string_view to_string(limit_kind which) noexcept {
    switch (which) {
        case limit_kind::message_size: return "message size";
        case limit_kind::outgoing_bytes: return "outgoing bytes";
        case limit_kind::stalled_send: return "stalled send";
        case limit_kind::handshake: return "handshake";
        case limit_kind::handshakes: return "handshakes";
        case limit_kind::first_message: return "first message";
        case limit_kind::whole_message: return "whole message";
        case limit_kind::idle: return "idle";
        case limit_kind::connections: return "connections";
        case limit_kind::connections_of_a_source: return "connections of a source";
        case limit_kind::held_bytes: return "held bytes";
        case limit_kind::linger: return "linger";
        case limit_kind::drain: return "drain";
    }
    return "limit";
}

std::uint64_t connection_stats::all_ended() const noexcept {
    return std::accumulate(ended.begin(), ended.end(), std::uint64_t{0});
}

connection_stats& connection_stats::operator+=(const connection_stats& other) noexcept {
    open += other.open;
    messages += other.messages;
    for (std::size_t i = 0; i < ended.size(); ++i) ended[i] += other.ended[i];
    for (std::size_t i = 0; i < limits_hit.size(); ++i) limits_hit[i] += other.limits_hit[i];
    held_bytes += other.held_bytes;
    queued_bytes += other.queued_bytes;
    return *this;
}

connection_stats& connection_stats::operator-=(const connection_stats& earlier) noexcept {
    messages -= earlier.messages;
    for (std::size_t i = 0; i < ended.size(); ++i) ended[i] -= earlier.ended[i];
    for (std::size_t i = 0; i < limits_hit.size(); ++i) limits_hit[i] -= earlier.limits_hit[i];
    return *this;
}

}  // namespace weir
