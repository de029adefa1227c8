// Datagrams: boundaries, truncation, source and destination addresses, groups, and ancillary data of Unix messages.
#include <sys/socket.h>

#include "tests/socket/support.h"
#include "weir/socket/names/interface.h"

using namespace weir_test;
using weir::receive_flags;
using weir::receive_options;
using weir::send_flags;
using weir::send_options;

namespace {

weir::socket open_datagram(address_family family) {
    auto opened = weir::socket::open(family, weir::socket::datagram);
    REQUIRE(opened);
    return std::move(*opened);
}

weir::socket bound_datagram(address_family family, const folder& place) {
    weir::socket one = open_datagram(family);
    REQUIRE(one.bind(fresh_address(family, place)));
    return one;
}

const auto soon = [] { return within(10s); };

}  // namespace

TEST_CASE_FIXTURE(counted, "a datagram arrives whole, with the address of its sender, and can be answered") {
    on_each_family([](address_family family) {
        const folder here;
        const folder there;
        weir::socket server = bound_datagram(family, here);
        weir::socket client = bound_datagram(family, there);
        CHECK(*client.send_to("one", *server.local_address()) == 3);
        CHECK(*client.send_to("three", *server.local_address(), soon()) == 5);
        const auto first = server.receive_from(100, soon());
        REQUIRE(first);
        CHECK(first->payload == "one");
        CHECK_FALSE(first->truncated());
        CHECK(first->from == *client.local_address());
        CHECK(server.receive_from()->payload == "three");
        CHECK(server.send_to("answer", first->from));
        CHECK(client.receive_from(100, soon())->payload == "answer");
        // After connect() no destination has to be given.
        REQUIRE(client.connect(*server.local_address()));
        CHECK(client.send("connected"));
        const auto named = server.receive_from(100, soon());
        CHECK(named->payload == "connected");
        CHECK(named->from == *client.local_address());
        CHECK(server.receive_from(10, receive_flags::non_blocking) == errc::would_block);
        CHECK(server.receive_from(10, receive_flags::non_blocking, within(1h)) == errc::would_block);
        CHECK(server.receive_from(10, within(5ms)) == errc::timed_out);
    });
}

TEST_CASE_FIXTURE(counted, "a datagram that does not fit is truncated, and its full size is returned") {
    on_each_family([](address_family family) {
        const folder place;
        weir::socket server = bound_datagram(family, place);
        weir::socket client = open_datagram(family);
        const bytes sent = pattern(1000);
        for (const std::size_t room : {std::size_t{0}, std::size_t{1}, std::size_t{999}, std::size_t{1000}}) {
            REQUIRE(client.send_to(sent, *server.local_address()));
            const auto peeked = server.receive_from(room, receive_flags::peek, soon());
            REQUIRE(peeked);
            CHECK(peeked->full_size == 1000);
            const auto data = server.receive_from(room, soon());
            REQUIRE(data);
            CHECK(data->size == room);
            CHECK(data->full_size == 1000);
            CHECK(data->truncated() == (room < 1000));
            CHECK(data->payload == sent.view().first(room));
            CHECK(server.receive_from(room, receive_flags::non_blocking) == errc::would_block);
        }
    });
}

TEST_CASE_FIXTURE(counted, "an empty datagram is a datagram, and not an end of stream") {
    on_each_family([](address_family family) {
        const folder place;
        weir::socket server = bound_datagram(family, place);
        weir::socket client = open_datagram(family);
        REQUIRE(client.send_to("", *server.local_address()));
        REQUIRE(client.send_to("x", *server.local_address()));
        const auto empty = server.receive_from(10, soon());
        REQUIRE(empty);
        CHECK(empty->payload.empty());
        CHECK(server.receive_from(10, soon())->payload == "x");
    });
    auto pair = weir::socket_pair(weir::socket::seqpacket);
    REQUIRE(pair->first.send(""));
    REQUIRE(pair->first.close());
    const auto empty = pair->second.receive_from(10, soon());
    REQUIRE(empty);
    CHECK(empty->full_size == 0);
    CHECK(pair->second.receive_from(10, soon()) == errc::closed);
    // receive_from() reports the end of a stream in the same way.
    auto stream = weir::socket_pair();
    REQUIRE(stream->first.send("last"));
    REQUIRE(stream->first.close());
    CHECK(stream->second.receive_from(10)->payload == "last");
    CHECK(stream->second.receive_from(10) == errc::closed);
    CHECK(stream->second.receive_from(0) == errc::invalid);
}

TEST_CASE_FIXTURE(counted, "a datagram is sent whole or not at all") {
    const folder place;
    weir::socket server = bound_datagram(weir::socket::ipv4, place);
    weir::socket client = open_datagram(weir::socket::ipv4);
    const auto failed = client.send_to(pattern(65508), *server.local_address());
    CHECK(failed == errc::too_large);
    CHECK(failed.error().message().starts_with("send " + server.local_address()->to_string() + ": message too long"));
    CHECK(*client.send_to(pattern(65507), *server.local_address()) == 65507);
    CHECK(server.receive_from(65535, soon())->payload == pattern(65507));
    CHECK(open_datagram(weir::socket::ipv4).send("nowhere") == errc::invalid);
}

TEST_CASE_FIXTURE(counted, "a datagram to an unused port is refused, at the next call of a connected socket") {
    const folder place;
    weir::socket gone = bound_datagram(weir::socket::ipv4, place);
    const auto there = *gone.local_address();
    REQUIRE(gone.close());
    weir::socket client = open_datagram(weir::socket::ipv4);
    REQUIRE(client.connect(there));
    REQUIRE(client.send("hello"));
    CHECK(client.receive_from(10, soon()) == errc::refused);
}

TEST_CASE_FIXTURE(counted, "packet_info, hop limit, traffic class and time are returned when requested") {
    for (const auto family : {weir::socket::ipv4, weir::socket::ipv6}) {
        weir::socket server = open_datagram(family);
        REQUIRE(server.bind(family == weir::socket::ipv4 ? "0.0.0.0:0" : "[::]:0"));
        const auto port = server.local_address()->port();
        const auto loopback =
            family == weir::socket::ipv4 ? address::ipv4(127, 0, 0, 5, port) : address::loopback_ipv6(port);
        weir::socket client = open_datagram(family);
        REQUIRE(client.send_to("plain", loopback));
        const auto plain = server.receive_from(10, soon());
        CHECK(plain->to.family() == address_family::none);
        CHECK(plain->interface_index == 0);
        CHECK_FALSE(plain->hop_limit);
        CHECK_FALSE(plain->traffic_class);
        CHECK_FALSE(plain->arrived);
        for (const auto* const which : {&weir::option::packet_info, &weir::option::receive_hop_limit,
                                        &weir::option::receive_traffic_class, &weir::option::timestamps}) {
            REQUIRE(server.set(*which, true));
        }
        REQUIRE(client.send_message("full", send_options().to(loopback).hop_limit(7).traffic_class(0x28)));
        const auto full = server.receive_from(10, soon());
        REQUIRE(full);
        CHECK(full->to == loopback.with_port(0));
        CHECK(*weir::interface_name(full->interface_index) == "lo");
        CHECK(full->hop_limit == 7);
        CHECK(full->traffic_class == 0x28);
        CHECK(full->arrived.has_value());
        // The reply comes from the address of the request, although the server is bound to all addresses.
        REQUIRE(
            server.send_message("answer", send_options().to(full->from).from(full->to).through(full->interface_index)));
        CHECK(client.receive_from(10, soon())->from == loopback);
        const auto wrong = family == weir::socket::ipv4 ? address::loopback_ipv6(0) : address::loopback_ipv4(0);
        CHECK(server.send_message("x", send_options().to(full->from).from(wrong)) == errc::invalid);
    }
    CHECK(weir::interface_index("nosuchif") == errc::not_found);
    CHECK(*weir::interface_index("lo") == *weir::interface_index(std::to_string(*weir::interface_index("lo"))));
    CHECK(weir::interface_name(999'999) == errc::not_found);
}

TEST_CASE_FIXTURE(counted, "a broadcast needs its option, and the error says so") {
    weir::socket one = open_datagram(weir::socket::ipv4);
    const auto refused = one.send_to("x", *address::parse("255.255.255.255:9"));
    // Without any route the kernel reports an unreachable network before it checks the option.
    if (refused != errc::unreachable) {
        REQUIRE(refused == errc::not_permitted);
        CHECK(refused.error().message().find("option::broadcast") != std::string::npos);
    }
    weir::socket server = open_datagram(weir::socket::ipv4);
    REQUIRE(server.bind("0.0.0.0:0"));
    const auto there = address::ipv4(127, 255, 255, 255, server.local_address()->port());
    CHECK(one.send_to("x", there) == errc::not_permitted);
    REQUIRE(one.set(weir::option::broadcast, true));
    REQUIRE(one.send_to("to all", there));
    CHECK(server.receive_from(10, soon())->payload == "to all");
}

namespace {

// Returns an interface with a route to multicast groups. The loopback interface has no route to IPv6 groups unless one
// is configured.
std::string multicast_interface(address_family family) {
    if (family == weir::socket::ipv4) return "lo";
    for (unsigned index = 1; index < 100; ++index) {
        const auto name = weir::interface_name(index);
        if (!name) continue;
        const auto there = address::parse("[ff01::1234%" + *name + "]:9");
        if (there && open_datagram(family).send_to("x", *there)) return *name;
    }
    return {};
}

}  // namespace

TEST_CASE_FIXTURE(counted, "a member receives the datagrams of a group from join to leave") {
    for (const auto family : {weir::socket::ipv4, weir::socket::ipv6}) {
        const std::string name = multicast_interface(family);
        if (name.empty()) {
            MESSAGE("no interface here has a route to IPv6 groups");
            continue;
        }
        const bool is_ipv4 = family == weir::socket::ipv4;
        const unsigned index = *weir::interface_index(name);
        weir::socket server = open_datagram(family);
        REQUIRE(server.bind(is_ipv4 ? "0.0.0.0:0" : "[::]:0"));
        const std::string port = std::to_string(server.local_address()->port());
        const auto group = *address::parse((is_ipv4 ? "239.1.2.3:" : "[ff01::1234%" + name + "]:") + port);
        weir::socket client = open_datagram(family);
        if (is_ipv4) {
            REQUIRE(client.set(weir::option::multicast_interface, address::loopback_ipv4(0)));
        } else {
            REQUIRE(client.set(weir::option::multicast_interface_index, static_cast<int>(index)));
        }
        REQUIRE(server.join(group, index));
        CHECK(server.join(group, index) == errc::in_use);
        REQUIRE(client.send_to("heard", group));
        CHECK(server.receive_from(10, soon())->payload == "heard");
        // On the loopback interface datagrams always come back, even without the option.
        REQUIRE(client.set(weir::option::multicast_loop, name == "lo"));
        if (name != "lo") REQUIRE(client.send_to("not looped", group));
        REQUIRE(client.set(weir::option::multicast_loop, true));
        REQUIRE(client.send_to("again", group));
        CHECK(server.receive_from(10, soon())->payload == "again");
        REQUIRE(server.leave(group, index));
        CHECK(server.leave(group, index) == errc::not_available);
        CHECK(server.join(*address::parse(is_ipv4 ? "127.0.0.1:1" : "[::1]:1"), index) == errc::invalid);
    }
}

TEST_CASE_FIXTURE(counted, "a message is gathered from pieces and scattered into buffers") {
    on_each_family([](address_family family) {
        const folder place;
        weir::socket server = bound_datagram(family, place);
        weir::socket client = open_datagram(family);
        const std::array<bytes_view, 4> pieces{"ab", "", "cde", "f"};
        CHECK(*client.send_message(pieces, send_options().to(*server.local_address())) == 6);
        std::array<std::byte, 1> first{};
        std::array<std::byte, 3> second{};
        std::array<std::byte, 8> third{};
        const std::array<std::span<std::byte>, 3> into{first, second, third};
        const auto about = server.receive_message(into, {}, soon());
        REQUIRE(about);
        CHECK(about->size == 6);
        CHECK(bytes_view(first.data(), 1) == bytes_view("a"));
        CHECK(bytes_view(second.data(), 3) == bytes_view("bcd"));
        CHECK(bytes_view(third.data(), 2) == bytes_view("ef"));
    });
}

TEST_CASE_FIXTURE(counted, "the flag send_flags::more makes one datagram of several sends") {
    const folder place;
    weir::socket server = bound_datagram(weir::socket::ipv4, place);
    weir::socket client = open_datagram(weir::socket::ipv4);
    REQUIRE(client.connect(*server.local_address()));
    REQUIRE(client.send("one ", send_flags::more));
    CHECK(server.receive_from(10, receive_flags::non_blocking) == errc::would_block);
    REQUIRE(client.send("datagram"));
    CHECK(server.receive_from(100, soon())->payload == "one datagram");
}

TEST_CASE_FIXTURE(counted,
                  "a send into the full queue of a Unix socket ends at its deadline, or completes when there is room") {
    const folder place;
    weir::socket server = bound_datagram(weir::socket::local, place);
    weir::socket client = open_datagram(weir::socket::local);
    const auto there = *server.local_address();
    while (client.send_to("fill", there, within(0ns))) continue;
    for (const bool blocking : {true, false}) {
        REQUIRE(client.set_blocking(blocking));
        const auto start = weir::now();
        CHECK(client.send_to("x", there, within(30ms)) == errc::timed_out);
        CHECK(weir::now() - start >= 30ms);
        CHECK(client.send_message("x", send_options(send_flags::non_blocking).to(there), within(1h)) ==
              errc::would_block);
        CHECK(((::fcntl(client.fd(), F_GETFL) & O_NONBLOCK) == 0) == blocking);
    }
    weir::result<std::size_t> sent = std::size_t{0};
    blocked_thread sender([&] { sent = client.send_to("late", there, within(20s)); });
    REQUIRE(sender.await_sleep());
    REQUIRE(server.receive_from(10));
    sender.join();
    CHECK(*sent == 4);
}
