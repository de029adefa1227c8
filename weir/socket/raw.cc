#include "weir/socket/raw.h"

#include <algorithm>
#include <string>

namespace weir {
namespace {

constexpr std::size_t smallest_header = 20;
constexpr std::size_t echo_header = 8;

std::uint8_t octet(bytes_view data, std::size_t at) { return std::to_integer<std::uint8_t>(data[at]); }

std::uint16_t number(bytes_view data, std::size_t at) {
    return static_cast<std::uint16_t>(octet(data, at) << 8 | octet(data, at + 1));
}

void put(bytes& into, std::size_t at, std::uint16_t value) {
    into[at] = static_cast<std::byte>(value >> 8);
    into[at + 1] = static_cast<std::byte>(value & 0xff);
}

address source_at(bytes_view data, std::size_t at) {
    return address::ipv4(octet(data, at), octet(data, at + 1), octet(data, at + 2), octet(data, at + 3), 0);
}

error malformed(const char* what, std::string why) { return error(errc::malformed, what, {}, std::move(why)); }

struct echo_types {
    std::uint8_t request, reply;
};

echo_types types_of(address_family family) noexcept {
    return family == address_family::ipv6 ? echo_types{128, 129} : echo_types{8, 0};
}

}  // namespace

std::uint16_t internet_checksum(bytes_view data) noexcept {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < data.size(); ++i) {
        const auto value = std::to_integer<std::uint64_t>(data.data()[i]);
        sum += i % 2 == 0 ? value << 8 : value;
    }
    while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(~sum);
}

result<bytes> ipv4_header::pack(bytes_view payload) const {
    const auto fits = [](const address& one) {
        return one.family() == address_family::none || one.family() == address_family::ipv4;
    };
    if (!fits(from) || !fits(to)) return error(errc::invalid, "pack", {}, "an IPv4 header needs IPv4 addresses");
    if (fragment_offset % 8 != 0)
        return error(errc::invalid, "pack", {}, "a fragment offset must be a multiple of 8 bytes");
    const std::size_t all = smallest_header + payload.size();
    if (all > 65535) return error(errc::too_large, "pack", {}, "an IPv4 packet has at most 65535 bytes");
    bytes made(all);
    std::copy(payload.begin(), payload.end(), made.begin() + smallest_header);
    made[0] = std::byte{0x45};
    made[1] = static_cast<std::byte>(traffic_class);
    put(made, 2, total_size != 0 ? total_size : static_cast<std::uint16_t>(all));
    put(made, 4, identification);
    put(made, 6,
        static_cast<std::uint16_t>((dont_fragment ? 0x4000 : 0) | (more_fragments ? 0x2000 : 0) | fragment_offset / 8));
    made[8] = static_cast<std::byte>(hop_limit);
    made[9] = static_cast<std::byte>(protocol);
    std::size_t at = 12;
    for (const address* const one : {&from, &to}) {
        if (one->family() == address_family::ipv4) {
            for (const auto value : one->ipv4_octets()) made[at++] = std::byte{value};
        } else {
            at += 4;
        }
    }
    put(made, 10, internet_checksum(made.view().first(smallest_header)));
    return made;
}

result<ipv4_packet> ipv4_packet::parse(bytes_view packet) {
    if (packet.size() < smallest_header) {
        return malformed("IPv4 header", "truncated: " + std::to_string(packet.size()) + " of at least 20 bytes");
    }
    const unsigned version = octet(packet, 0) >> 4;
    const std::size_t header_size = (octet(packet, 0) & 0x0fu) * 4u;
    if (version != 4) return malformed("IPv4 header", "its version is " + std::to_string(version));
    if (header_size < smallest_header || header_size > packet.size()) {
        return malformed("IPv4 header", "its header length is " + std::to_string(header_size) + " bytes");
    }
    const std::size_t total = number(packet, 2);
    if (total < header_size) return malformed("IPv4 header", "its total length is " + std::to_string(total));
    ipv4_packet made;
    made.header.traffic_class = octet(packet, 1);
    made.header.total_size = static_cast<std::uint16_t>(total);
    made.header.identification = number(packet, 4);
    const std::uint16_t fragment = number(packet, 6);
    made.header.dont_fragment = (fragment & 0x4000) != 0;
    made.header.more_fragments = (fragment & 0x2000) != 0;
    made.header.fragment_offset = static_cast<std::uint16_t>((fragment & 0x1fff) * 8);
    made.header.hop_limit = octet(packet, 8);
    made.header.protocol = octet(packet, 9);
    made.header.from = source_at(packet, 12);
    made.header.to = source_at(packet, 16);
    // If a small buffer truncated the packet, the total length in its header is larger than the number of received
    // bytes.
    made.payload = packet.part(header_size, std::min(total, packet.size()) - header_size);
    return made;
}

bytes icmp_echo::pack(address_family family) const {
    const echo_types types = types_of(family);
    bytes made(echo_header + payload.size());
    std::copy(payload.begin(), payload.end(), made.begin() + echo_header);
    made[0] = std::byte{is_reply ? types.reply : types.request};
    put(made, 4, identifier);
    put(made, 6, sequence);
    if (family != address_family::ipv6) put(made, 2, internet_checksum(made));
    return made;
}

result<icmp_echo> icmp_echo::parse(address_family family, bytes_view message) {
    if (message.size() < echo_header) {
        return malformed("ICMP echo", "truncated: " + std::to_string(message.size()) + " of at least 8 bytes");
    }
    const echo_types types = types_of(family);
    const std::uint8_t type = octet(message, 0);
    if ((type != types.request && type != types.reply) || octet(message, 1) != 0) {
        return malformed("ICMP echo", "it is of type " + std::to_string(type));
    }
    if (family != address_family::ipv6 && internet_checksum(message) != 0) {
        return malformed("ICMP echo", "its checksum is wrong");
    }
    icmp_echo made;
    made.is_reply = type == types.reply;
    made.identifier = number(message, 4);
    made.sequence = number(message, 6);
    made.payload = bytes(message.from(echo_header));
    return made;
}

}  // namespace weir
