// The statements of the textbook about the calls (T4, T5, T9, T10, T13), on real sockets. The other rows:
// textbook_test.cc, stream_test.cc (T1), raw_test.cc (T3), and tests/stream/textbook_remedies_test.cc (T17, T18).
#include "tests/socket/support.h"
#include "weir/socket/listen_on.h"

using namespace weir_test;
using weir::send_flags;

namespace {

bool reaches(const char* host, std::uint16_t port) {
    auto client = weir::socket::open(weir::socket::ipv4, weir::socket::stream);
    REQUIRE(client);
    return static_cast<bool>(client->connect(std::string(host) + ":" + std::to_string(port), within(10s)));
}

weir::socket listening_at(std::string_view where) {
    auto made = weir::socket::open(weir::socket::ipv4, weir::socket::stream);
    REQUIRE(made);
    REQUIRE(made->bind(where));
    REQUIRE(made->listen());
    return std::move(*made);
}

}  // namespace

TEST_CASE_FIXTURE(counted,
                  "T4: socket(family, type, protocol) makes a socket; an unsupported combination is an error") {
    for (const auto family : {weir::socket::ipv4, weir::socket::ipv6, weir::socket::local}) {
        for (const auto type : {weir::socket::stream, weir::socket::datagram}) {
            auto made = weir::socket::open(family, type);
            REQUIRE(made);
            CHECK(made->is_open());
            CHECK(made->family() == family);
            CHECK(made->type() == type);
            CHECK_FALSE(made->peer_address());
        }
    }
    CHECK(weir::socket::open(weir::socket::ipv4, weir::socket::stream, 6));     // the number of TCP
    CHECK(weir::socket::open(weir::socket::ipv4, weir::socket::datagram, 17));  // the number of UDP
    const auto mixed = weir::socket::open(weir::socket::ipv4, weir::socket::stream, 17);
    REQUIRE_FALSE(mixed);
    CHECK(mixed.error().operation() == "open");
}

TEST_CASE_FIXTURE(
    counted, "T5: 127.0.0.1 is one address of this machine, 0.0.0.0 is all; names are looked up; port 0 is chosen") {
    const weir::socket one = listening_at("127.0.0.1:0");
    const std::uint16_t port = one.local_address()->port();
    CHECK(port != 0);
    CHECK(reaches("127.0.0.1", port));
    CHECK_FALSE(reaches("127.0.0.2", port));

    const weir::socket all = listening_at("0.0.0.0:0");
    CHECK(all.local_address()->is_any());
    CHECK(reaches("127.0.0.1", all.local_address()->port()));
    CHECK(reaches("127.0.0.2", all.local_address()->port()));

    const weir::socket named = listening_at("localhost:0");
    CHECK(named.local_address()->is_loopback());
    CHECK(named.local_address()->port() != port);
}

TEST_CASE_FIXTURE(counted, "T9: send returns how many bytes were really sent; send_all continues to the last byte") {
    on_each_family([](address_family family) {
        server listening(family);
        auto [client, peer] = listening.pair();
        const bytes all = pattern(16 << 20);
        const auto part = client.send(all, send_flags::non_blocking);
        REQUIRE(part);
        CHECK(*part > 0);
        CHECK(*part < all.size());
        std::size_t came = 0;
        bytes first;
        while (came < *part) {
            const auto some = peer.receive(1 << 20, within(10s));
            REQUIRE(some);
            first.append(*some);
            came += some->size();
        }
        CHECK(came == *part);
        CHECK(bytes_view(first) == bytes_view(all).first(*part));

        bytes received;
        std::thread reader([&received, &from = peer] { received = receive_everything(from); });
        const auto rest = client.send_all(bytes_view(all).from(*part));
        CHECK(client.close());
        reader.join();
        CHECK(rest);
        CHECK(bytes_view(received) == bytes_view(all).from(*part));
    });
}

TEST_CASE_FIXTURE(
    counted,
    "T10: close ends the connection, for the peer too; the destructor closes a socket; its port is free again") {
    on_each_family([](address_family family) {
        server listening(family);
        {
            auto [client, peer] = listening.pair();
            CHECK(client.close());
            CHECK(client.close());  // closing again succeeds
            CHECK(client.send("x") == errc::invalid);
            CHECK(client.receive(1) == errc::invalid);
            CHECK(peer.receive(1, within(10s))->empty());
        }
        auto peer = [&] {
            auto [client, other] = listening.pair();
            return std::move(other);
        }();
        CHECK(peer.receive(1, within(10s))->empty());
    });
    std::string where;
    for (int i = 0; i < 3; ++i) {
        auto made = weir::listen_on(where.empty() ? "127.0.0.1:0" : where);
        REQUIRE(made);
        where = made->local_address()->to_string();
    }
}

TEST_CASE_FIXTURE(
    counted, "T13: after the peer has closed, receive returns the rest of the data, and then always nothing, at once") {
    on_each_family([](address_family family) {
        server listening(family);
        auto [client, peer] = listening.pair();
        REQUIRE(client.send("last words"));
        REQUIRE(client.close());
        CHECK(peer.receive(4)->text() == "last");
        CHECK(peer.receive(100)->text() == " words");
        for (int i = 0; i < 3; ++i) CHECK(peer.receive(100)->empty());
    });
}
