// Raw sockets: packing and parsing of headers, ICMP echo over both families, and headers that the program writes.
#include "weir/socket/raw.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "tests/socket/support.h"

using namespace weir_test;
using weir::icmp_echo;
using weir::ipv4_header;
using weir::ipv4_packet;
using weir::send_options;

namespace {

// Opens a raw socket. Returns a closed socket if this user may not open one; failure_test.cc tests the error text.
weir::socket open_raw(address_family family, int protocol) {
    auto opened = weir::socket::open(family, weir::socket::raw, protocol);
    if (opened) return std::move(*opened);
    REQUIRE(opened == errc::not_permitted);
    MESSAGE("raw sockets are not permitted here");
    return {};
}

icmp_echo question(std::uint16_t sequence) {
    icmp_echo made;
    made.identifier = 0x7717;
    made.sequence = sequence;
    made.payload = pattern(33);
    return made;
}

}  // namespace

TEST_CASE("an IPv4 header is packed to these bytes, and parsed from them") {
    ipv4_header header;
    header.traffic_class = 0x10;
    header.identification = 0x1c46;
    header.dont_fragment = true;
    header.hop_limit = 64;
    header.protocol = 6;
    header.from = address::ipv4(172, 16, 10, 99, 0);
    header.to = address::ipv4(172, 16, 10, 12, 0);
    const auto packed = header.pack(pattern(40));
    REQUIRE(packed);
    const bytes expected{0x45, 0x10, 0x00, 0x3c, 0x1c, 0x46, 0x40, 0x00, 0x40, 0x06,
                         0xb1, 0xd6, 0xac, 0x10, 0x0a, 0x63, 0xac, 0x10, 0x0a, 0x0c};
    CHECK(packed->view().first(20) == expected.view());
    CHECK(weir::internet_checksum(packed->view().first(20)) == 0);
    const auto parsed = ipv4_packet::parse(*packed);
    REQUIRE(parsed);
    CHECK(parsed->payload == pattern(40).view());
    CHECK(parsed->header.total_size == 60);
    CHECK(parsed->header.from == header.from);
    CHECK(parsed->header.to == header.to);
    CHECK(parsed->header.dont_fragment);
    CHECK_FALSE(parsed->header.more_fragments);
    CHECK(parsed->header.identification == 0x1c46);
    CHECK(parsed->header.protocol == 6);
    for (std::size_t cut = 0; cut < 20; ++cut) CHECK(ipv4_packet::parse(packed->view().first(cut)) == errc::malformed);
    CHECK(ipv4_packet::parse(packed->view().first(25))->payload.size() == 5);
    for (const int first : {0x65, 0x44, 0x4f}) {  // another version; too short; longer than the packet
        bytes wrong = expected;
        wrong[0] = static_cast<std::byte>(first);
        CHECK(ipv4_packet::parse(wrong) == errc::malformed);
    }
    bytes with_options{0x46, 0, 0, 25, 0, 0, 0x20, 0x02, 1, 1, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 9, 0x61};
    const auto fragment = ipv4_packet::parse(with_options);
    CHECK(fragment->payload == bytes_view("a"));
    CHECK(fragment->header.more_fragments);
    CHECK(fragment->header.fragment_offset == 16);
    header.fragment_offset = 4;
    CHECK(header.pack("") == errc::invalid);
    header.fragment_offset = 0;
    CHECK(header.pack(pattern(65516)) == errc::too_large);
    header.to = address::loopback_ipv6(0);
    CHECK(header.pack("") == errc::invalid);
}

TEST_CASE("an echo is packed to these bytes, also with an odd length, and a flipped bit is detected") {
    icmp_echo ask;
    ask.identifier = 1;
    ask.sequence = 2;
    ask.payload = bytes("abc");
    const bytes packed = ask.pack(weir::socket::ipv4);
    CHECK(packed.view() == bytes{8, 0, 0x33, 0x9a, 0, 1, 0, 2, 'a', 'b', 'c'}.view());
    for (std::size_t bit = 0; bit < packed.size() * 8; ++bit) {
        bytes flipped = packed;
        flipped[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
        CHECK(icmp_echo::parse(weir::socket::ipv4, flipped) == errc::malformed);
    }
    for (std::size_t cut = 0; cut < 8; ++cut) {
        CHECK(icmp_echo::parse(weir::socket::ipv4, packed.view().first(cut)) == errc::malformed);
    }
    CHECK(icmp_echo::parse(weir::socket::ipv6, packed) == errc::malformed);
    const auto parsed = icmp_echo::parse(weir::socket::ipv4, packed);
    CHECK(parsed->payload == "abc");
    CHECK(parsed->sequence == 2);
    CHECK(weir::internet_checksum("") == 0xffff);
}

TEST_CASE_FIXTURE(counted, "T3: the kernel answers an ICMP echo, and the received packet has its IPv4 header") {
    weir::socket one = open_raw(weir::socket::ipv4, weir::protocol_icmp);
    if (!one.is_open()) return;
    REQUIRE(one.set(weir::option::hop_limit, 33));
    REQUIRE(one.send_to(question(5).pack(weir::socket::ipv4), address::loopback_ipv4(0)));
    for (;;) {  // the loopback also delivers the request
        const auto got = one.receive_from(2000, within(10s));
        REQUIRE(got);
        const auto packet = ipv4_packet::parse(got->payload);
        REQUIRE(packet);
        CHECK(packet->header.protocol == weir::protocol_icmp);
        const auto echo = icmp_echo::parse(weir::socket::ipv4, packet->payload);
        if (!echo || echo->identifier != 0x7717) continue;
        CHECK(echo->payload == pattern(33));
        CHECK(got->from == address::loopback_ipv4(0));
        if (!echo->is_reply) CHECK(packet->header.hop_limit == 33);
        if (echo->is_reply) break;
    }
}

TEST_CASE_FIXTURE(counted, "an ICMPv6 echo arrives without its IPv6 header, and the filter admits only the reply") {
    weir::socket one = open_raw(weir::socket::ipv6, weir::protocol_icmpv6);
    if (!one.is_open()) return;
    REQUIRE(one.set(weir::option::icmp6, weir::icmp6_filter::block_all().pass(129)));
    REQUIRE(one.set(weir::option::packet_info, true));
    REQUIRE(one.send_message(question(6).pack(weir::socket::ipv6), send_options().to(address::loopback_ipv6(0))));
    for (;;) {
        const auto got = one.receive_from(2000, within(10s));
        REQUIRE(got);
        const auto echo = icmp_echo::parse(weir::socket::ipv6, got->payload);
        REQUIRE(echo);
        CHECK(echo->is_reply);
        if (echo->identifier != 0x7717) continue;
        CHECK(got->to == address::loopback_ipv6(0));
        CHECK(echo->sequence == 6);
        break;
    }
}

TEST_CASE_FIXTURE(counted, "T3: a header that the program wrote is sent unchanged") {
    weir::socket receiver = open_raw(weir::socket::ipv4, 253);  // for experiments (RFC 3692)
    weir::socket sender = open_raw(weir::socket::ipv4, IPPROTO_RAW);
    if (!receiver.is_open() || !sender.is_open()) return;
    REQUIRE(receiver.bind("127.0.0.9:0"));
    ipv4_header header;
    header.protocol = 253;
    header.hop_limit = 3;
    header.identification = 0x4242;
    header.from = address::ipv4(127, 0, 0, 8, 0);
    header.to = address::ipv4(127, 0, 0, 9, 0);
    REQUIRE(sender.set(weir::option::header_included, true));
    REQUIRE(sender.send_to(*header.pack("any protocol"), header.to));
    const auto got = receiver.receive_from(100, within(10s));
    REQUIRE(got);
    CHECK(got->from == header.from);
    const auto packet = ipv4_packet::parse(got->payload);
    CHECK(packet->payload == bytes_view("any protocol"));
    CHECK(packet->header.hop_limit == 3);
    CHECK(packet->header.identification == 0x4242);
    // Without the option the kernel writes the header.
    weir::socket plain = open_raw(weir::socket::ipv4, 253);
    REQUIRE(plain.send_to("payload alone", header.to));
    CHECK(ipv4_packet::parse(receiver.receive_from(100, within(10s))->payload)->payload == bytes_view("payload alone"));
}

TEST_CASE_FIXTURE(counted, "over raw IPv6 the kernel writes the checksum at the given offset") {
    weir::socket receiver = open_raw(weir::socket::ipv6, 253);
    weir::socket sender = open_raw(weir::socket::ipv6, 253);
    if (!receiver.is_open() || !sender.is_open()) return;
    REQUIRE(sender.set(weir::option::checksum_offset, 2));
    REQUIRE(sender.send_to(bytes(8), address::loopback_ipv6(0)));
    const auto got = receiver.receive_from(100, within(10s));
    REQUIRE(got);
    REQUIRE(got->payload.size() == 8);
    CHECK(got->payload.view().part(2, 2) != bytes(2).view());
    CHECK(got->payload.view().part(4, 4) == bytes(4).view());
}
