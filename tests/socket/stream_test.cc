// The textbook dialogue over IPv4, IPv6 and Unix streams: each call in the case without errors.
#include "tests/socket/support.h"

using namespace weir_test;

TEST_CASE_FIXTURE(counted,
                  "T1: a server and a client talk: open, bind, listen, accept, connect, send, receive, close") {
    on_each_family([](address_family family) {
        const folder place;
        auto listener = weir::socket::open(family, weir::socket::stream);
        REQUIRE(listener);
        REQUIRE(listener->bind(fresh_address(family, place)));
        REQUIRE(listener->listen());
        const auto here = listener->local_address();
        REQUIRE(here);
        CHECK(here->family() == family);
        CHECK((family == weir::socket::local || here->port() != 0));
        auto client = weir::socket::open(family, weir::socket::stream);
        REQUIRE(client->connect(here->to_string()));
        auto accepted = listener->accept();
        REQUIRE(accepted);
        CHECK(accepted->peer == *client->local_address());
        CHECK(*client->peer_address() == *here);
        const auto sent = client->send("hello");
        REQUIRE(sent);
        CHECK(*sent == 5);
        const auto data = accepted->connection.receive(1024);
        REQUIRE(data);
        CHECK(data->text() == "hello");
        CHECK(*accepted->connection.send(*data) == 5);
        CHECK(client->receive(2)->text() == "he");
        std::array<std::byte, 16> buffer{};
        CHECK(*client->receive(buffer) == 3);
        CHECK(bytes_view(buffer.data(), 3) == bytes_view("llo"));
        CHECK(client->close());
        CHECK_FALSE(client->is_open());
        CHECK(accepted->connection.receive(1024)->empty());
        CHECK(accepted->connection.receive(1024)->empty());
        CHECK(*accepted->connection.receive(std::span(buffer)) == 0);
    });
}

TEST_CASE_FIXTURE(counted, "T12: a client may connect, send and close before accept is called") {
    on_each_family([](address_family family) {
        server listening(family);
        {
            weir::socket client = listening.connect();
            REQUIRE(client.send_all("early"));
        }
        auto accepted = listening.listener.accept();
        REQUIRE(accepted);
        CHECK(receive_everything(accepted->connection).text() == "early");
    });
}

TEST_CASE_FIXTURE(counted, "after shutdown of the sending half the socket still receives") {
    on_each_family([](address_family family) {
        server listening(family);
        auto [client, peer] = listening.pair();
        REQUIRE(client.send_all("question"));
        REQUIRE(client.shutdown(half::send));
        CHECK(receive_everything(peer).text() == "question");
        REQUIRE(peer.send_all("answer"));
        REQUIRE(peer.close());
        CHECK(receive_everything(client).text() == "answer");
        CHECK(client.send("more") == errc::broken_pipe);
    });
}

TEST_CASE_FIXTURE(counted, "after shutdown of the receiving half a receive returns the end of stream at once") {
    on_each_family([](address_family family) {
        server listening(family);
        auto [client, peer] = listening.pair();
        REQUIRE(client.shutdown(half::receive));
        CHECK(client.receive(10)->empty());
        CHECK(client.shutdown(half::both));
        CHECK(client.send("x") == errc::broken_pipe);
    });
}

TEST_CASE_FIXTURE(counted, "send_all sends all bytes through tiny buffers to a slow reader") {
    on_each_family([](address_family family) {
        server listening(family);
        REQUIRE(listening.listener.set(weir::option::receive_buffer_bytes, 1));
        weir::socket client = open_stream(family);
        REQUIRE(client.set(weir::option::send_buffer_bytes, 1));
        REQUIRE(client.connect(listening.here));
        auto accepted = listening.listener.accept();
        const bytes content = pattern(300'000);
        for (const bool with_deadline : {false, true}) {
            weir::result<void> sent;
            blocked_thread sender([&, &from = client] {
                sent = with_deadline ? from.send_all(content, within(20s)) : from.send_all(content);
            });
            bytes arrived;
            while (arrived.size() < content.size()) {
                const auto piece = accepted->connection.receive(997, within(20s));
                REQUIRE(piece);
                REQUIRE_FALSE(piece->empty());
                arrived.append(*piece);
            }
            sender.join();
            CHECK(sent);
            CHECK(arrived == content);
        }
    });
}

TEST_CASE_FIXTURE(counted, "send_all sends any number of pieces in order, also empty ones") {
    on_each_family([](address_family family) {
        server listening(family);
        auto [client, peer] = listening.pair();
        const std::array<bytes_view, 2> message{"head ", "body"};
        REQUIRE(client.send_all(message));
        CHECK(peer.receive(100)->text() == "head body");
        const std::array<bytes_view, 5> holes{"", "a", "", "b", ""};
        REQUIRE(client.send_all(holes));
        CHECK(peer.receive(100)->text() == "ab");
        CHECK(client.send_all(std::span<const bytes_view>()));
        CHECK(client.send_all(""));
        CHECK(client.send_all(std::array<bytes_view, 2>{}));
        const bytes content = pattern(1'000'000);
        std::vector<bytes_view> pieces;
        for (std::size_t at = 0, size = 0; at < content.size(); at += size) {
            size = std::min((pieces.size() * 7919) % 30'011, content.size() - at);
            pieces.push_back(content.view().part(at, size));
        }
        REQUIRE(pieces.size() > 50);
        weir::result<void> sent;
        {
            blocked_thread sender([&, &from = client] {
                sent = from.send_all(pieces, within(20s));
                static_cast<void>(from.shutdown(half::send));
            });
            CHECK(receive_everything(peer) == content);
        }
        CHECK(sent);
    });
}

TEST_CASE_FIXTURE(counted,
                  "a call on a non-blocking socket returns would_block instead of waiting, and succeeds when it can") {
    on_each_family([](address_family family) {
        server listening(family);
        REQUIRE(listening.listener.set_blocking(false));
        CHECK(listening.listener.accept() == errc::would_block);
        auto client = listening.connect();
        auto accepted = listening.listener.accept();
        REQUIRE(accepted);
        weir::socket& peer = accepted->connection;
        REQUIRE(peer.set_blocking(false));
        CHECK(peer.receive(10) == errc::would_block);
        CHECK(peer.receive(10, within(10ms)) == errc::timed_out);
        fill(peer);
        CHECK(peer.send("x") == errc::would_block);
        const auto all = peer.send_all("xyz");
        CHECK(all == errc::would_block);
        CHECK(all.error().detail() == "would block: 0 of 3 bytes were sent");
        REQUIRE(peer.set_blocking(true));
        REQUIRE(client.send("now"));
        CHECK(peer.receive(10)->text() == "now");
    });
}

TEST_CASE_FIXTURE(counted, "a connected pair needs no address") {
    auto pair = weir::socket_pair();
    REQUIRE(pair);
    REQUIRE(pair->first.send_all("there"));
    CHECK(pair->second.receive(10)->text() == "there");
    CHECK(pair->first.peer_address()->is_unnamed());
    for (const auto type : {weir::socket::datagram, weir::socket::seqpacket}) {
        auto packets = weir::socket_pair(type);
        REQUIRE(packets);
        REQUIRE(packets->first.send("one"));
        REQUIRE(packets->first.send("two"));
        CHECK(packets->second.receive(10)->text() == "one");
        CHECK(packets->second.receive(10)->text() == "two");
    }
}

TEST_CASE_FIXTURE(counted, "a socket can be bound and connected to abstract, empty and automatic Unix names") {
    for (const std::string_view text : {"unix:@weir-test\\x00\\xff", "unix:@", "unix:"}) {
        INFO(std::string(text));
        weir::socket listener = open_stream(weir::socket::local);
        REQUIRE(listener.bind(text));
        REQUIRE(listener.listen());
        const auto here = listener.local_address();
        CHECK(here->is_abstract());
        CHECK(here->local_name().empty() == (text == "unix:@"));
        if (text != "unix:") CHECK(here->to_string() == text);
        weir::socket client = open_stream(weir::socket::local);
        CHECK(client.connect(*here));
        CHECK(*client.peer_address() == *here);
    }
}

TEST_CASE_FIXTURE(counted, "a scoped IPv6 address is bound and connected with its interface") {
    weir::socket one = open_stream(weir::socket::ipv6);
    // The loopback interface has no link-local address, but its ::1 accepts a scope.
    REQUIRE(one.bind("[::1%lo]:0"));
    CHECK(open_stream(weir::socket::ipv6).bind("[::1%1]:0"));
    CHECK(open_stream(weir::socket::ipv6).bind("[::1%4294967296]:0") == errc::not_found);
    const auto missing = one.connect("[fe80::1%nosuchif]:80");
    CHECK(missing == errc::not_found);
    CHECK(missing.error().message() ==
          "connect [fe80::1%nosuchif]:80: this machine has no network interface named nosuchif");
}
