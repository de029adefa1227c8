#include "weir/service/internal/source_counts.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace weir::internal {

// An IPv6 host has a whole /64 of addresses, RFC 4291 (2.5.4). An IPv4-mapped address is one host.
address source_counts::source_of(const address& peer) {
    if (peer.family() != address_family::ipv6 || peer.is_mapped()) return peer.with_port(0);
    std::array<std::uint8_t, 16> octets = peer.ipv6_octets();
    std::fill(octets.begin() + 8, octets.end(), 0);
    return address::ipv6(octets, 0, peer.scope());
}

bool source_counts::enter(const address& peer, std::size_t most) {
    if (most == 0) return false;
    const address source = source_of(peer);
    const std::scoped_lock locked(lock_);
    std::size_t& count = open_[source];
    if (count >= most) return false;
    ++count;
    return true;
}

void source_counts::leave(const address& peer) {
    const address source = source_of(peer);
    const std::scoped_lock locked(lock_);
    const auto found = open_.find(source);
    if (--found->second == 0) open_.erase(found);
}

}  // namespace weir::internal
