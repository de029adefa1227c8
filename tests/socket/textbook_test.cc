// The statements of the textbook, row by row, on real sockets. Numbers are compared with each other, never with the
// numbers of one kernel. Rows that other files test completely are not repeated.
#include "tests/socket/support.h"
#include "weir/socket/kernel_view.h"

using namespace weir_test;
using weir::receive_flags;
using weir::send_flags;
using weir::view_of;

namespace {

// Returns the number of unacknowledged and unread bytes of a connection. Bytes that have arrived but are not yet
// acknowledged count twice.
std::size_t held(const weir::socket& sender, const weir::socket& receiver) {
    return *view_of(sender)->unacknowledged_bytes + *view_of(receiver)->unread_bytes;
}

template <class Agreed>
bool eventually(Agreed agreed) {
    const auto until = within(10s);
    while (!agreed()) {
        if (until.passed(weir::now())) return false;
        std::this_thread::yield();
    }
    return true;
}

// Returns a connected pair whose client sends small messages at once: TCP_NODELAY is set on the client.
std::pair<weir::socket, weir::socket> prompt_pair(server& listening) {
    auto [client, peer] = listening.pair();
    if (listening.here.is_ip()) REQUIRE(client.set(weir::option::no_delay, true));
    return {std::move(client), std::move(peer)};
}

}  // namespace

TEST_CASE_FIXTURE(counted,
                  "T6 T12: listen(n) lets n + 1 connect before anyone accepts, and each accept makes room for one") {
    on_each_family([](address_family family) {
        for (const int backlog : {0, 1, 2, 7}) {
            CAPTURE(backlog);
            server listening(family, backlog);
            auto waiting = listening.fill_queue();
            CHECK(waiting.size() == static_cast<std::size_t>(backlog) + 1);
            const auto before = listening.listener.accept(within(10s));
            REQUIRE(before);
            weir::socket next = open_stream(family);
            CHECK(next.connect(listening.here, within(10s)));
            weir::socket over = open_stream(family);
            CHECK(over.connect(listening.here, within(20ms)) == errc::timed_out);
        }
    });
}

TEST_CASE_FIXTURE(counted, "T6: a backlog above net.core.somaxconn is reduced to net.core.somaxconn") {
    unsigned most = 0;
    std::ifstream("/proc/sys/net/core/somaxconn") >> most;
    REQUIRE(most > 0);
    const server modest(weir::socket::ipv4, 3);
    CHECK(view_of(modest.listener)->backlog_limit == 3);
    const server greedy(weir::socket::ipv4, 1'000'000'000);
    CHECK(view_of(greedy.listener)->backlog_limit == most);
}

TEST_CASE_FIXTURE(counted, "T8: receive waits while there is no data, and returns what is there, even if it is less") {
    on_each_family([](address_family family) {
        server listening(family);
        auto [client, peer] = listening.pair();
        weir::result<bytes> data = bytes();
        blocked_thread receiver([&, &from = peer] { data = from.receive(1000); });
        REQUIRE(receiver.await_sleep());
        REQUIRE(client.send("few"));
        receiver.join();
        CHECK(data->text() == "few");
    });
}

TEST_CASE_FIXTURE(counted, "T8: wait_all returns all requested bytes, however they were sent; fewer only at the end") {
    on_each_family([](address_family family) {
        server listening(family);
        auto [client, peer] = prompt_pair(listening);
        for (const auto until : {weir::deadline::never(), within(20s)}) {
            weir::result<bytes> data = bytes();
            blocked_thread receiver([&, &from = peer] { data = from.receive(6, receive_flags::wait_all, until); });
            for (const auto* const piece : {"ab", "cd", "ef"}) {
                REQUIRE(receiver.await_sleep());
                REQUIRE(client.send(piece));
            }
            receiver.join();
            CHECK(data->text() == "abcdef");
        }
        REQUIRE(client.send("abc"));
        CHECK(peer.receive(6, receive_flags::wait_all, within(20ms))->text() == "abc");
        CHECK(peer.receive(6, receive_flags::wait_all, within(5ms)) == errc::timed_out);
        REQUIRE(client.send("end"));
        REQUIRE(client.close());
        CHECK(peer.receive(6, receive_flags::wait_all)->text() == "end");
        CHECK(peer.receive(6, receive_flags::wait_all)->empty());
        CHECK(peer.receive(6, receive_flags::wait_all | receive_flags::peek, within(1s)) == errc::invalid);
    });
}

TEST_CASE_FIXTURE(counted, "T8: a peek leaves the bytes in the receive buffer") {
    on_each_family([](address_family family) {
        server listening(family);
        auto [client, peer] = listening.pair();
        REQUIRE(client.send("seen twice"));
        CHECK(peer.receive(4, receive_flags::peek, within(10s))->text() == "seen");
        CHECK(peer.receive(100, receive_flags::peek)->text() == "seen twice");
        CHECK(peer.receive(100)->text() == "seen twice");
        CHECK(peer.receive(100, receive_flags::peek | receive_flags::non_blocking) == errc::would_block);
    });
}

TEST_CASE_FIXTURE(counted, "an urgent byte overtakes the other bytes, and leaves a mark in the stream") {
    on_each_family([](address_family family) {
        server listening(family);
        auto [client, peer] = listening.pair();
        CHECK_FALSE(peer.receive(1, receive_flags::out_of_band));
        CHECK(peer.receive(1, receive_flags::out_of_band, within(5ms)) == errc::timed_out);
        CHECK_FALSE(*peer.at_mark());
        weir::result<bytes> urgent = bytes();
        {
            blocked_thread receiver(
                [&, &from = peer] { urgent = from.receive(1, receive_flags::out_of_band, within(20s)); });
            REQUIRE(receiver.await_sleep());
            REQUIRE(client.send("before"));
            REQUIRE(client.send("!", send_flags::out_of_band));
            REQUIRE(client.send("after"));
        }
        REQUIRE_MESSAGE(urgent, (urgent ? "" : urgent.error().message()));
        CHECK(urgent->text() == "!");
        CHECK(peer.receive(100, within(10s))->text() == "before");  // a read stops at the mark
        CHECK(*peer.at_mark());
        CHECK(peer.receive(100, within(10s))->text() == "after");
        CHECK_FALSE(*peer.at_mark());
    });
}

TEST_CASE_FIXTURE(counted, "T7: accept with flags: the connection is non-blocking, or stays open on exec") {
    on_each_family([](address_family family) {
        server listening(family);
        const weir::socket first = listening.connect();
        auto plain = listening.listener.accept(weir::accept_flags::none, within(10s));
        CHECK((::fcntl(plain->connection.fd(), F_GETFL) & O_NONBLOCK) == 0);
        CHECK((::fcntl(plain->connection.fd(), F_GETFD) & FD_CLOEXEC) != 0);
        const weir::socket second = listening.connect();
        auto other = listening.listener.accept(weir::accept_flags::non_blocking | weir::accept_flags::keep_on_exec);
        CHECK(other->connection.receive(1) == errc::would_block);
        CHECK((::fcntl(other->connection.fd(), F_GETFD) & FD_CLOEXEC) == 0);
    });
}

TEST_CASE_FIXTURE(counted, "T11: if both sides wait in receive, both wait for ever, unless a deadline ends this") {
    on_each_family([](address_family family) {
        server listening(family);
        auto [client, peer] = listening.pair();
        std::array<weir::result<bytes>, 2> ends{bytes(), bytes()};
        {
            blocked_thread one([&, &from = client] { ends[0] = from.receive(10, within(100ms)); });
            blocked_thread other([&, &from = peer] { ends[1] = from.receive(10, within(100ms)); });
            CHECK(one.await_sleep());
            CHECK(other.await_sleep());
        }
        for (const auto& end : ends) CHECK(end == errc::timed_out);
        REQUIRE(client.send("the deadline harmed nothing"));
        CHECK(peer.receive(100, within(10s))->text() == "the deadline harmed nothing");
    });
}

TEST_CASE_FIXTURE(counted, "T14: the first send after the peer's close succeeds; only its answer reports the close") {
    for (const auto family : {weir::socket::ipv4, weir::socket::ipv6}) {
        server listening(family);
        auto [client, peer] = listening.pair();
        REQUIRE(peer.close());
        CHECK(client.receive(10, within(10s))->empty());
        CHECK(client.send("one"));
        CHECK(eventually([&, &one = client] { return view_of(one)->state == weir::tcp_state::closed; }));
        CHECK(client.send("two") == errc::broken_pipe);
    }
}

TEST_CASE_FIXTURE(counted, "T15: send blocks when both buffers are full: each accepted byte is unsent or unread") {
    for (const auto family : {weir::socket::ipv4, weir::socket::ipv6}) {
        server listening(family);
        auto [client, peer] = listening.pair();
        std::size_t taken = fill(client);
        CHECK(eventually([&, &from = client, &to = peer] { return held(from, to) == taken; }));
        CHECK(*view_of(client)->unacknowledged_bytes > 0);
        CHECK(*view_of(peer)->unread_bytes > 0);
        CHECK(client.send("x", send_flags::non_blocking) == errc::would_block);
        weir::result<std::size_t> sent = std::size_t{0};
        blocked_thread sender([&, &to = client] { sent = to.send("more", within(20s)); });
        REQUIRE(sender.await_sleep());
        std::size_t received = 0;
        while (!sender.done()) {
            const auto data = peer.receive(65536, within(5ms));
            if (data) received += data->size();
        }
        sender.join();
        REQUIRE(sent);
        taken += *sent;
        // No byte is lost: taken = received + unread + unsent.
        CHECK(eventually([&, &from = client, &to = peer] { return received + held(from, to) == taken; }));
    }
}

TEST_CASE_FIXTURE(counted, "T15: receive blocks when the buffer is empty, not when it is full") {
    on_each_family([](address_family family) {
        server listening(family);
        auto [client, peer] = listening.pair();
        CHECK(peer.receive(1, receive_flags::non_blocking) == errc::would_block);
        fill(client);
        CHECK(peer.receive(1, receive_flags::non_blocking)->size() == 1);
    });
}

TEST_CASE_FIXTURE(counted, "T16: three sends may be one receive, and one send many") {
    on_each_family([](address_family family) {
        server listening(family);
        auto [client, peer] = prompt_pair(listening);
        for (const auto* const piece : {"one", "two", "three"}) REQUIRE(client.send(piece));
        CHECK(eventually([&, &to = peer] { return *view_of(to)->unread_bytes == 11; }));
        CHECK(peer.receive(1024)->text() == "onetwothree");
        REQUIRE(client.send_all(pattern(1000)));
        CHECK(eventually([&, &to = peer] { return *view_of(to)->unread_bytes == 1000; }));
        std::size_t receives = 0;
        bytes all;
        for (; all.size() < 1000; ++receives) all.append(*peer.receive(64, within(10s)));
        CHECK(receives == 16);
        CHECK(all == pattern(1000));
    });
}

TEST_CASE_FIXTURE(counted, "T19: pacing seems to keep boundaries while the reader is fast, and fails when it is late") {
    on_each_family([](address_family family) {
        server listening(family);
        auto [client, peer] = prompt_pair(listening);
        const std::array<const char*, 3> messages{"one", "two", "three"};
        // Each message is sent only after the previous one was received. A real program would pause instead, and could
        // only hope that the reader is fast enough.
        for (const auto* const message : messages) {
            REQUIRE(client.send(message));
            CHECK(peer.receive(1024, within(10s))->text() == message);
        }
        // The messages are sent with pauses, but the reader is late: it receives them glued together.
        for (const auto* const message : messages) {
            REQUIRE(client.send(message));
            const auto pause = within(2ms);
            while (!pause.passed(weir::now())) std::this_thread::yield();
        }
        CHECK(eventually([&, &to = peer] { return *view_of(to)->unread_bytes == 11; }));
        CHECK(peer.receive(1024)->text() == "onetwothree");
    });
}

TEST_CASE_FIXTURE(counted, "T2: on a datagram socket three sends are three receives; bytes that do not fit are cut") {
    for (const auto family : {weir::socket::ipv4, weir::socket::ipv6, weir::socket::local}) {
        const folder place;
        auto receiver = weir::socket::open(family, weir::socket::datagram);
        REQUIRE(receiver->bind(fresh_address(family, place)));
        auto sender = weir::socket::open(family, weir::socket::datagram);
        REQUIRE(sender->connect(*receiver->local_address()));
        for (const auto* const piece : {"one", "two", "three"}) REQUIRE(sender->send(piece));
        CHECK(receiver->receive(1024, within(10s))->text() == "one");
        CHECK(receiver->receive(2, within(10s))->text() == "tw");
        CHECK(receiver->receive(1024, within(10s))->text() == "three");
    }
}
