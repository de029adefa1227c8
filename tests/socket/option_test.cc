// Every option is set and read back, with the value that the kernel keeps. If the kernel refuses an option, or
// the user may not set it, the call must return an error with a text.
#include <netinet/in.h>
#include <sys/socket.h>

#include "tests/socket/support.h"
#include "weir/socket/raw.h"

using namespace weir_test;
namespace option = weir::option;

namespace {

weir::socket open_one(address_family family, weir::socket_type type, int protocol = 0) {
    auto opened = weir::socket::open(family, type, protocol);
    REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().message()));
    return std::move(*opened);
}

// Sets the option, and checks that reading it returns `expected`. The only allowed error is not_permitted, if the user
// is not root; its text must name a capability.
template <class T>
void check(weir::socket& one, const weir::socket_option<T>& which, const T& value, const T& expected) {
    INFO(std::string(which.name()));
    const auto done = one.set(which, value);
    if (done == errc::not_permitted) {
        CHECK(done.error().message().find("CAP_") != std::string::npos);
        CHECK(::geteuid() != 0);
        return;
    }
    REQUIRE_MESSAGE(done, (done ? "" : done.error().message()));
    const auto read = one.get(which);
    REQUIRE_MESSAGE(read, (read ? "" : read.error().message()));
    CHECK(*read == expected);
}

template <class T>
void check(weir::socket& one, const weir::socket_option<T>& which, const T& value) {
    check(one, which, value, value);
}

struct yes_or_no {
    const weir::socket_option<bool>* which;
    weir::socket_type type;
    bool ipv4, ipv6;
};

}  // namespace

TEST_CASE_FIXTURE(counted, "options of type bool read back the value that was set, in each family that has them") {
    const auto stream = weir::socket::stream;
    const auto datagram = weir::socket::datagram;
    const auto raw = weir::socket::raw;
    const yes_or_no table[] = {
        {&option::reuse_address, stream, true, true},
        {&option::reuse_port, stream, true, true},
        {&option::broadcast, datagram, true, true},
        {&option::dont_route, stream, true, true},
        {&option::out_of_band_inline, stream, true, true},
        {&option::timestamps, datagram, true, true},
        {&option::keep_alive, stream, true, true},
        {&option::no_delay, stream, true, true},
        {&option::cork, stream, true, true},
        {&option::fast_open_connect, stream, true, true},
        {&option::v6_only, stream, false, true},
        {&option::packet_info, datagram, true, true},
        {&option::receive_hop_limit, datagram, true, true},
        {&option::receive_traffic_class, datagram, true, true},
        {&option::free_bind, stream, true, true},
        {&option::transparent, stream, true, true},
        {&option::port_at_connect, stream, true, true},
        {&option::multicast_loop, datagram, true, true},
        {&option::header_included, raw, true, true},
    };
    for (const auto& row : table) {
        for (const auto family : {weir::socket::ipv4, weir::socket::ipv6}) {
            if (row.type == raw && ::geteuid() != 0) continue;
            weir::socket one = open_one(family, row.type, row.type == raw ? 253 : 0);
            INFO(std::string(to_string(family)));
            if (family == weir::socket::ipv4 ? row.ipv4 : row.ipv6) {
                for (const bool value : {true, false, true}) check(one, *row.which, value);
            } else {
                CHECK_FALSE(one.set(*row.which, true));
            }
        }
    }
}

TEST_CASE_FIXTURE(counted, "numeric options of TCP read back the value that was set, in their units") {
    for (const auto family : {weir::socket::ipv4, weir::socket::ipv6}) {
        weir::socket one = open_stream(family);
        check(one, option::keep_alive_idle, 77s);
        check(one, option::keep_alive_interval, 5s);
        check(one, option::keep_alive_count, 3);
        check(one, option::user_timeout, 12'345ms);
        check(one, option::defer_accept, 2s,
              3s);  // the kernel counts retransmissions: the first after 1 s, the second 2 s later
        check(one, option::syn_count, 4);
        check(one, option::not_sent_low_water_bytes, std::size_t{16'384});
        check(one, option::window_clamp_bytes, std::size_t{100'000});
        check(one, option::congestion_control, std::string("reno"));
        check(one, option::most_pacing_rate, std::optional<std::uint64_t>(125'000));
        check(one, option::most_pacing_rate, std::optional<std::uint64_t>());
        check(one, option::quick_ack, false);
        REQUIRE(one.set(option::most_segment_bytes, 1000));
        REQUIRE(one.bind(family == weir::socket::ipv4 ? "127.0.0.1:0" : "[::1]:0"));
        REQUIRE(one.listen());
        check(one, option::fast_open, 5);
        CHECK(one.set(option::keep_alive_count, 128) == errc::invalid);
        CHECK(one.set(option::keep_alive_idle, -1s) == errc::invalid);
        CHECK(one.set(option::congestion_control, "a name too long for it") == errc::invalid);
        CHECK(one.set(option::congestion_control, "nosuch") == errc::not_found);
        weir::socket client = open_stream(family);
        REQUIRE(client.connect(*one.local_address()));
        CHECK(*client.get(option::most_segment_bytes) <= 1000);
        CHECK(*client.get(option::path_mtu_bytes) >= 1280);
    }
}

TEST_CASE_FIXTURE(counted, "numeric options of any socket read back the value that the kernel keeps") {
    for (const auto family : {weir::socket::ipv4, weir::socket::ipv6}) {
        weir::socket one = open_one(family, weir::socket::datagram);
        check(one, option::receive_low_water_bytes, std::size_t{0}, std::size_t{1});
        check(one, option::receive_low_water_bytes, std::size_t{10});
        check(one, option::priority, 3);
        check(one, option::mark, 0x1234);
        check(one, option::busy_poll, 50us);
        check(one, option::incoming_cpu, 0);
        check(one, option::peek_offset, 4);
        check(one, option::peek_offset, -1);
        check(one, option::bind_to_device, std::string("lo"));
        check(one, option::bind_to_device, std::string());
        CHECK(one.set(option::bind_to_device, "nosuchif") == errc::not_found);
        check(one, option::send_buffer_bytes_forced, std::size_t{10'000'000}, std::size_t{20'000'000});
        check(one, option::receive_buffer_bytes_forced, std::size_t{10'000'000}, std::size_t{20'000'000});
        check(one, option::hop_limit, 9);
        check(one, option::hop_limit, -1, 64);
        check(one, option::traffic_class, 0xb8);
        check(one, option::multicast_hop_limit, 0);
        check(one, option::multicast_hop_limit, 32);
        for (const auto how : {weir::mtu_discovery::never, weir::mtu_discovery::want, weir::mtu_discovery::always,
                               weir::mtu_discovery::probe, weir::mtu_discovery::interface, weir::mtu_discovery::omit}) {
            check(one, option::mtu_discover, how);
        }
        CHECK(one.set(option::hop_limit, 256) == errc::invalid);
        CHECK(one.get(option::path_mtu_bytes) == errc::not_connected);
    }
    weir::socket ipv4 = open_one(weir::socket::ipv4, weir::socket::datagram);
    check(ipv4, option::multicast_interface, address::loopback_ipv4(0));
    CHECK(ipv4.set(option::multicast_interface, address::loopback_ipv6(0)) == errc::invalid);
    weir::socket ipv6 = open_one(weir::socket::ipv6, weir::socket::datagram);
    check(ipv6, option::multicast_interface_index, 1);
}

TEST_CASE_FIXTURE(counted, "with the don't-fragment bit a datagram over the path MTU is too large") {
    weir::socket server = open_one(weir::socket::ipv4, weir::socket::datagram);
    REQUIRE(server.bind("127.0.0.1:0"));
    weir::socket one = open_one(weir::socket::ipv4, weir::socket::datagram);
    REQUIRE(one.connect(*server.local_address()));
    const std::size_t mtu = *one.get(option::path_mtu_bytes);
    if (mtu >= 65535) return;  // on this loopback interface every datagram fits
    REQUIRE(one.set(option::mtu_discover, weir::mtu_discovery::always));
    CHECK(one.send(pattern(mtu - 28)));
    CHECK(one.send(pattern(mtu - 27)) == errc::too_large);
}

TEST_CASE_FIXTURE(counted, "a socket returns its family, type and protocol") {
    for (const auto family : {weir::socket::ipv4, weir::socket::ipv6, weir::socket::local}) {
        for (const auto type : {weir::socket::stream, weir::socket::datagram}) {
            const weir::socket one = open_one(family, type);
            CHECK(*one.get(option::domain) == family);
            CHECK(*one.get(option::type) == type);
            const int protocol = type == weir::socket::stream ? IPPROTO_TCP : IPPROTO_UDP;
            CHECK(*one.get(option::protocol) == (family == weir::socket::local ? 0 : protocol));
            CHECK_FALSE(*one.get(option::accepting));
            CHECK_FALSE(one.get(option::error)->has_value());
        }
    }
    const auto refused = open_one(weir::socket::local, weir::socket::stream).set(option::hop_limit, 3);
    CHECK_FALSE(refused);
    CHECK(weir::socket().get(option::hop_limit) == errc::invalid);
}

TEST_CASE_FIXTURE(counted, "options of raw sockets: the ICMPv6 types to receive, and the place of the checksum") {
    if (::geteuid() != 0) return;
    weir::socket icmp = open_one(weir::socket::ipv6, weir::socket::raw, weir::protocol_icmpv6);
    check(icmp, option::icmp6, weir::icmp6_filter());
    check(icmp, option::icmp6, weir::icmp6_filter::block_all().pass(129));
    weir::socket other = open_one(weir::socket::ipv6, weir::socket::raw, 253);
    check(other, option::checksum_offset, 6);
    check(other, option::checksum_offset, -1);
    CHECK(other.set(option::checksum_offset, 3) == errc::invalid);
    const auto filter = weir::icmp6_filter::block_all().pass(1).pass(255);
    for (int type = 0; type < 256; ++type)
        CHECK(filter.passes(static_cast<std::uint8_t>(type)) == (type == 1 || type == 255));
}
