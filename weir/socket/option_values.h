// The types of option values that are not simply a number, a boolean or a duration.
#pragma once

#include "weir/base/language.h"

#include <array>
#include <cstdint>

namespace [[gnu::visibility("default")]] weir {

// IP_MTU_DISCOVER, ip(7), and IPV6_MTU_DISCOVER: what happens to a datagram that is larger than the path MTU.
enum class mtu_discovery : std::uint8_t {
    never = 0,      // IP_PMTUDISC_DONT: fragmented on the path
    want = 1,       // IP_PMTUDISC_WANT: fragmented here to the known path MTU
    always = 2,     // IP_PMTUDISC_DO: sets the don't-fragment bit; errc::too_large above the known path MTU
    probe = 3,      // IP_PMTUDISC_PROBE: sets the don't-fragment bit; ignores the known path MTU
    interface = 4,  // IP_PMTUDISC_INTERFACE: only the MTU of the interface counts
    omit = 5,       // IP_PMTUDISC_OMIT: the same, but fragmented if necessary
};

// Which ICMPv6 types a raw socket receives, RFC 3542 section 3.2 (struct icmp6_filter). A new filter passes all types.
// Thread safety: a value.
class icmp6_filter {
public:
    // Return a filter that passes every type, and one that passes none.
    static icmp6_filter pass_all() noexcept { return {}; }
    static icmp6_filter block_all() noexcept {
        icmp6_filter made;
        made.blocked_.fill(~std::uint32_t{0});
        return made;
    }
    // Passes or blocks one type (RFC 4443, 2.1), and returns this filter.
    icmp6_filter& pass(std::uint8_t type) noexcept {
        blocked_[type / 32u] &= ~(std::uint32_t{1} << (type % 32u));
        return *this;
    }
    icmp6_filter& block(std::uint8_t type) noexcept {
        blocked_[type / 32u] |= std::uint32_t{1} << (type % 32u);
        return *this;
    }
    // Returns whether the socket receives messages of this type.
    bool passes(std::uint8_t type) const noexcept { return (blocked_[type / 32u] >> (type % 32u) & 1u) == 0; }

    friend bool operator==(const icmp6_filter&, const icmp6_filter&) noexcept = default;

private:
    std::array<std::uint32_t, 8> blocked_{};  // the kernel's layout: a set bit blocks
};
static_assert(sizeof(icmp6_filter) == 32);

}  // namespace weir
