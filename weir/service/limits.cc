#include "weir/service/limits.h"

#include <algorithm>

#include "weir/loop/internal/memory_allowed.h"

namespace weir {

limits::limits()
    : held_bytes_of_a_loop(internal::byte_budget::default_limit_bytes()),
      kernel_buffer_bytes(internal::memory_allowed() / 4) {
    connection.first_message = std::chrono::seconds(10);
    connection.whole_message = std::chrono::seconds(30);
    connection.idle = std::chrono::minutes(5);
}

std::string_view limits::problem() const noexcept {
    if (const auto of_one = connection.problem(); !of_one.empty()) return of_one;
    if (connections == std::size_t{0})
        return "connections is 0, so none could be accepted; std::nullopt means no limit";
    if (handshakes == std::size_t{0}) return "handshakes is 0, so none could begin; std::nullopt means no limit";
    if (connections_of_a_source.of(connections) == std::size_t{0})
        return "connections_of_a_source is 0, so all would be refused; std::nullopt means no limit";
    if (held_bytes_of_a_loop == std::size_t{0})
        return "held_bytes_of_a_loop is 0, so nothing could be received; std::nullopt means no limit";
    if (kernel_buffer_bytes == std::size_t{0})
        return "kernel_buffer_bytes is 0, so nothing could be buffered; std::nullopt means no limit";
    if (drain && *drain < duration::zero()) return "drain is less than 0";
    return {};
}

std::vector<limits> divide_among_loops(const limits& all, std::size_t loops) {
    if (all.connections) loops = std::min(loops, *all.connections);
    loops = std::max<std::size_t>(loops, 1);
    limits one = all;
    if (const auto most = all.connections_of_a_source.of(all.connections)) {
        one.connections_of_a_source = *most;
    } else {
        one.connections_of_a_source = std::nullopt;
    }
    if (all.handshakes && *all.handshakes != 0) one.handshakes = std::max<std::size_t>(*all.handshakes / loops, 1);
    const auto held = all.held_bytes_of_a_loop;  // 0 stays 0, as for all these limits, so that problem() rejects it
    if (held && *held != 0) one.held_bytes_of_a_loop = std::max<std::size_t>(*held / loops, 1);
    const auto buffered = all.kernel_buffer_bytes;
    if (buffered && *buffered != 0) one.kernel_buffer_bytes = std::max<std::size_t>(*buffered / loops, 1);
    std::vector<limits> shares(loops, one);
    if (!all.connections) return shares;
    for (std::size_t i = 0; i < loops; ++i) {
        shares[i].connections = *all.connections / loops + (i < *all.connections % loops ? 1 : 0);
    }
    return shares;
}

}  // namespace weir
