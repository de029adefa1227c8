// The content of raw packets: the IPv4 header, and ICMP echo for both families, as values that are packed to bytes and
// parsed from bytes. This file opens no socket: the socket is socket::open(ipv4, raw, 1) for ICMP and
// socket::open(ipv6, raw, 58) for ICMPv6, raw(7).
//
//   received over IPv4:  | IPv4 header | payload |     always, with any options
//   received over IPv6:  | payload |                   the header's fields are in received::to, hop_limit...
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

// Returns the checksum of RFC 1071 over these bytes, as a number that the packet holds in network order. For bytes that
// contain their correct checksum the result is zero. Thread safety: any thread.
std::uint16_t internet_checksum(bytes_view data) noexcept;

// The IPv4 header, RFC 791 section 3.1, without options; parsing skips them.
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
    std::uint8_t traffic_class = 0;     // DSCP and ECN (RFC 2474, RFC 3168); tos in the drawing
    std::uint16_t total_size = 0;       // bytes, including the header; 0: pack() fills it in
    std::uint16_t identification = 0;   // 0: the kernel chooses one when it sends the packet
    bool dont_fragment = false;         // the flag DF: routers drop the packet rather than split it
    bool more_fragments = false;        // the flag MF: this is not the last fragment
    std::uint16_t fragment_offset = 0;  // bytes, a multiple of 8
    std::uint8_t hop_limit = 64;        // ttl in the drawing: each router subtracts one
    std::uint8_t protocol = 0;          // IANA's number of the payload's protocol
    // The source and the destination, both with port 0. address() is packed as 0.0.0.0; the kernel replaces a source of
    // 0.0.0.0.
    address from;
    address to;

    // Returns the header with its checksum, and then the payload: the data to send with option::header_included.
    // errc::invalid: an address of another family, or a fragment offset that is not a multiple of 8. errc::too_large:
    // more than 65535 bytes.
    result<bytes> pack(bytes_view payload) const;
};

// A received packet: the fields of its header, and a view of its payload.
struct ipv4_packet {
    ipv4_header header;  // as it arrived
    bytes_view payload;  // valid as long as the parsed bytes

    // Parses a packet. errc::malformed: the header is truncated or is not IPv4. If the packet is truncated after its
    // header, the payload is the part that was received. The checksum is not checked, because the kernel has checked
    // it.
    static result<ipv4_packet> parse(bytes_view packet);
};

// ICMP echo, RFC 792, and ICMPv6 echo, RFC 4443 section 4. Thread safety: a value.
struct icmp_echo {
    bool is_reply = false;         // a reply to a request
    std::uint16_t identifier = 0;  // chosen by the requester; a datagram ("ping") socket sets its own
    std::uint16_t sequence = 0;    // the number of the request, which its reply repeats
    bytes payload;                 // any bytes, which the reply repeats

    // Returns the message for this family: for ipv4 with its checksum, for ipv6 without one, because the kernel fills
    // it in.
    bytes pack(address_family family) const;
    // Parses a message without an IP header. errc::malformed: the message is truncated, has a wrong checksum (ipv4) or
    // is not an echo.
    static result<icmp_echo> parse(address_family family, bytes_view message);
};

}  // namespace weir
