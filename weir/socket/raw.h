// What raw sockets carry: the IPv4 header, and ICMP echo for both families, as values made of bytes and back. Pure; the
// socket is socket::open(ipv4, raw, 1) for ICMP, socket::open(ipv6, raw, 58) for ICMPv6, raw(7).
//
//   received over IPv4:  | IPv4 header | payload |     always, whatever the options
//   received over IPv6:  | payload |                   the header's fields come as received::to, hop_limit...
//   sent:                | payload |                   with option::header_included: | header | payload |
#pragma once

#include <cstdint>

#include "weir/base/address.h"
#include "weir/base/bytes.h"
#include "weir/base/result.h"

namespace [[gnu::visibility("default")]] weir {

// Protocol numbers for socket::open (IANA).
inline constexpr int protocol_icmp = 1;
inline constexpr int protocol_icmpv6 = 58;

// The checksum of RFC 1071 over these bytes, as the number that stands in the packet. Zero over what has its checksum
// in place. Thread safety: any thread.
std::uint16_t internet_checksum(bytes_view data) noexcept;

// The IPv4 header, RFC 791 section 3.1, without options (they are skipped when parsed).
//
//   0        8        16                24
//   | 4 | size| tos   |    total length          |
//   | identification  | flags | fragment offset  |
//   | ttl    | protocol |  checksum             |
//   | source                                     |
//   | destination                                |
//
// Thread safety: a value.
struct ipv4_header {
    std::uint8_t traffic_class = 0;
    std::uint16_t total_size = 0;      // bytes, header included; packed as 0 the packer fills it in
    std::uint16_t identification = 0;  // 0: the kernel chooses when it is sent
    bool dont_fragment = false;
    bool more_fragments = false;
    std::uint16_t fragment_offset = 0;  // bytes, a multiple of 8
    std::uint8_t hop_limit = 64;
    std::uint8_t protocol = 0;
    address from;  // both with port 0; none is packed as 0.0.0.0, which the kernel replaces when it is sent
    address to;

    // The header and payload one after another, checksum in place: what option::header_included sends.
    // errc::invalid for addresses of another family; too_large beyond 65535 bytes.
    result<bytes> pack(bytes_view payload) const;
};

// A packet that was received: the header's fields and a view of the rest of `packet`.
struct ipv4_packet {
    ipv4_header header;
    bytes_view payload;  // lives as long as the bytes that were parsed

    // errc::malformed for what is cut or no IPv4. The checksum is not compared: the kernel did.
    static result<ipv4_packet> parse(bytes_view packet);
};

// ICMP echo, RFC 792, and ICMPv6 echo, RFC 4443 section 4. Thread safety: a value.
struct icmp_echo {
    bool is_reply = false;
    std::uint16_t identifier = 0;  // of the asker; a datagram ("ping") socket sets its own
    std::uint16_t sequence = 0;
    bytes payload;

    // Of the family: for ipv4 with its checksum, for ipv6 without, which the kernel fills in.
    bytes pack(address_family family) const;
    // Without an IP header. errc::malformed for what is cut, has a wrong checksum (ipv4) or is no echo.
    static result<icmp_echo> parse(address_family family, bytes_view message);
};

}  // namespace weir
