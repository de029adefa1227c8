#include "weir/service/internal/kernel_buffers.h"

#include <algorithm>
#include <bit>
#include <exception>
#include <fstream>

namespace weir::internal {
namespace {

// The number of connections to assume for a server without a limit of connections: about a million.
constexpr std::size_t connections_of_unlimited = std::size_t{1} << 20;

constexpr std::size_t segments = 2 * limits::kernel_segment_bytes;
constexpr std::size_t least_of_one = 2 * limits::least_kernel_buffer_bytes + segments;

// Reads the last of the three sizes in a file: the minimum, the default and the maximum.
std::size_t largest_of(const char* path, std::size_t otherwise) {
    std::ifstream file(path);
    std::size_t least = 0;
    std::size_t first = 0;
    std::size_t largest = 0;
    return file >> least >> first >> largest ? largest : otherwise;
}

std::size_t read_grown_bytes() noexcept {
    constexpr std::size_t usual_receive = 6 << 20;
    constexpr std::size_t usual_send = 4 << 20;
    try {
        return largest_of("/proc/sys/net/ipv4/tcp_rmem", usual_receive) +
               largest_of("/proc/sys/net/ipv4/tcp_wmem", usual_send);
    } catch (const std::exception&) {
        return usual_receive + usual_send;
    }
}

}  // namespace

std::size_t grown_kernel_buffer_bytes() noexcept {
    static const std::size_t bytes = read_grown_bytes();
    return bytes;
}

std::optional<std::size_t> kernel_buffer_share(const limits& all, std::size_t open, std::size_t grown_bytes) noexcept {
    if (!all.kernel_buffer_bytes) return {};
    const std::size_t limit = *all.kernel_buffer_bytes;
    const std::size_t most = std::max(all.connections.value_or(connections_of_unlimited), open);
    const std::size_t rest = most < limit / 2 / least_of_one ? limit - most * least_of_one : limit - limit / 2;
    const auto doublings = static_cast<std::size_t>(std::bit_width(most - 1));
    const std::size_t column = rest / (doublings + 1);
    const std::size_t share = column / std::max<std::size_t>(std::bit_ceil(open) / 2, 1);
    if (least_of_one + share >= grown_bytes + segments) return {};
    return limits::least_kernel_buffer_bytes + share / 2;
}

}  // namespace weir::internal
