// Deadlines: every call that can wait ends at its deadline, and returns data that is ready even after the deadline.
#include <optional>

#include "tests/socket/support.h"

using namespace weir_test;
using weir::receive_flags;
namespace option = weir::option;

namespace {

// Calls `wait` with a deadline. Checks that the call fails with timed_out, not early and at most 10 s late.
template <class Wait>
void check_times_out(Wait wait, const std::string& words) {
    const auto start = weir::now();
    const auto failed = wait(within(30ms));
    const auto took = weir::now() - start;
    REQUIRE_FALSE(failed);
    CHECK(failed == errc::timed_out);
    CHECK(failed.error().message() == words);
    CHECK(took >= 30ms);
    CHECK(took < 10s);
    CHECK(wait(within(0ns)) == errc::timed_out);
    CHECK(wait(within(-1s)) == errc::timed_out);
    CHECK(wait(weir::deadline(weir::time_point::min())) == errc::timed_out);
}

}  // namespace

TEST_CASE("within() is a time after now, and never after the last time_point") {
    const auto before = weir::now();
    const auto made = within(1s);
    CHECK(made.at() >= before + 1s);
    CHECK(made.at() <= weir::now() + 1s);
    CHECK(within(weir::duration::max()).is_never());
    CHECK(within(weir::duration::max() - 1ns).is_never());
    CHECK(within(weir::duration::min()).passed(weir::now()));
    CHECK(within(0ns).passed(weir::now()));
    CHECK_FALSE(within(1h).passed(weir::now()));
}

TEST_CASE_FIXTURE(counted, "a receive ends at its deadline, and returns data that is there even after the deadline") {
    on_each_family([](address_family family) {
        server listening(family);
        auto [client, peer] = listening.pair();
        check_times_out([&from = client](weir::deadline until) { return from.receive(10, until); },
                        "receive " + listening.here.to_string() + ": timed out: the deadline passed");
        REQUIRE(peer.send("late"));
        CHECK(client.receive(10, within(-1s))->text() == "late");
        REQUIRE(peer.close());
        CHECK(client.receive(10, within(-1s))->empty());
    });
}

TEST_CASE_FIXTURE(counted, "a send into full buffers ends at its deadline, or completes when the peer reads") {
    on_each_family([](address_family family) {
        server listening(family);
        auto [client, peer] = listening.pair();
        const std::size_t filled = fill(client);
        CHECK(filled > 0);
        check_times_out([&to = client](weir::deadline until) { return to.send("x", until); },
                        "send " + listening.here.to_string() + ": timed out: the deadline passed");
        check_times_out(
            [&to = client](weir::deadline until) { return to.send_all("xyz", until); },
            "send " + listening.here.to_string() + ": timed out: the deadline passed: 0 of 3 bytes were sent");
        weir::result<std::size_t> sent = std::size_t{0};
        blocked_thread sender([&, &to = client] { sent = to.send("more", within(20s)); });
        REQUIRE(sender.await_sleep());
        std::size_t arrived = 0;
        while (!sender.done()) {
            const auto data = peer.receive(65536, within(20ms));
            if (data) arrived += data->size();
        }
        sender.join();
        REQUIRE(sent);
        REQUIRE(client.close());
        CHECK(arrived + receive_everything(peer).size() == filled + *sent);
    });
}

TEST_CASE_FIXTURE(counted, "the error of a send_all that times out has the exact number of sent bytes") {
    on_each_family([](address_family family) {
        server listening(family);
        auto [client, peer] = listening.pair();
        const bytes content = pattern(32 << 20);
        const auto failed = client.send_all(content, within(50ms));
        REQUIRE(failed == errc::timed_out);
        REQUIRE(client.close());
        const bytes arrived = receive_everything(peer, 65536);
        CHECK(arrived == content.view().first(arrived.size()));
        CHECK(failed.error().detail() ==
              "timed out: the deadline passed: " + std::to_string(arrived.size()) + " of 33554432 bytes were sent");
    });
}

TEST_CASE_FIXTURE(counted, "an accept ends at its deadline, and returns a waiting connection even after the deadline") {
    on_each_family([](address_family family) {
        server listening(family);
        check_times_out([&](weir::deadline until) { return listening.listener.accept(until); },
                        "accept " + listening.here.to_string() + ": timed out: the deadline passed");
        const weir::socket client = listening.connect();
        auto accepted = listening.listener.accept(within(-1s));
        REQUIRE(accepted);
        CHECK((::fcntl(accepted->connection.fd(), F_GETFL) & O_NONBLOCK) == 0);
    });
}

TEST_CASE_FIXTURE(counted,
                  "after an accept with a deadline, one without still waits, and release() returns a blocking socket") {
    on_each_family([](address_family family) {
        server listening(family);
        CHECK(listening.listener.accept(within(0ns)) == errc::timed_out);
        bool worked = false;
        blocked_thread accepter([&] { worked = static_cast<bool>(listening.listener.accept()); });
        REQUIRE(accepter.await_sleep());
        const weir::socket client = listening.connect();
        accepter.join();
        CHECK(worked);
        auto again = weir::socket::from_fd(listening.listener.release());
        REQUIRE(again);
        CHECK((::fcntl(again->fd(), F_GETFL) & O_NONBLOCK) == 0);
    });
}

TEST_CASE_FIXTURE(counted, "threads that accept from one socket, with deadlines and without, lose no connection") {
    on_each_family([](address_family family) {
        server listening(family);
        constexpr int connections = 200;
        std::atomic<int> taken = 0;
        {
            const auto accept_some = [&](bool with_deadline) {
                while (taken < connections) {
                    if (listening.listener.accept(with_deadline ? within(1ms) : weir::deadline::never())) ++taken;
                }
            };
            blocked_thread plain([&] { accept_some(false); });
            {
                blocked_thread first([&] { accept_some(true); });
                blocked_thread second([&] { accept_some(true); });
                for (int i = 0; i < connections; ++i) static_cast<void>(listening.connect());
            }
            CHECK(taken == connections);
            static_cast<void>(listening.connect());  // resumes the thread without a deadline, if it waits again
        }
        CHECK(taken <= connections + 1);
    });
}

TEST_CASE_FIXTURE(counted, "a connect to a full queue ends at its deadline, and the socket blocks again as before") {
    on_each_family([](address_family family) {
        server listening(family, 0);
        const auto waiting = listening.fill_queue();
        CHECK_FALSE(waiting.empty());
        weir::socket client = open_stream(family);
        const auto start = weir::now();
        const auto failed = client.connect(listening.here, within(30ms));
        CHECK(failed == errc::timed_out);
        CHECK(failed.error().message() == "connect " + listening.here.to_string() + ": timed out: the deadline passed");
        CHECK(weir::now() - start >= 30ms);
        CHECK((::fcntl(client.fd(), F_GETFL) & O_NONBLOCK) == 0);
        weir::socket impatient = open_stream(family);
        CHECK(impatient.connect(listening.here, within(-1s)) == errc::timed_out);
        weir::socket non_blocking = open_stream(family);
        REQUIRE(non_blocking.set_blocking(false));
        CHECK(non_blocking.connect(listening.here) == errc::would_block);
    });
}

TEST_CASE_FIXTURE(counted, "a connect with a deadline succeeds when the queue has room, also in a second call") {
    on_each_family([](address_family family) {
        server listening(family, 0);
        auto waiting = listening.fill_queue();
        weir::socket client = open_stream(family);
        CHECK(client.connect(listening.here, within(10ms)) == errc::timed_out);
        weir::result<void> connected;
        blocked_thread connecting([&] { connected = client.connect(listening.here, within(20s)); });
        REQUIRE(connecting.await_sleep());
        for (std::size_t i = 0; i < waiting.size(); ++i) REQUIRE(listening.listener.accept(within(10s)));
        connecting.join();
        CHECK_MESSAGE(connected, (connected ? "" : connected.error().message()));
        REQUIRE(client.send("through"));
    });
}

namespace {

// Waits for an urgent byte in another thread while this thread calls `act`. Returns the result of the wait.
template <class Receive, class Act>
auto urgent_while(Receive receive, Act act) {
    std::optional<decltype(receive())> got;
    blocked_thread waiting([&] { got.emplace(receive()); });
    REQUIRE(waiting.await_sleep());
    act();
    waiting.join();
    return std::move(*got);
}

}  // namespace

TEST_CASE_FIXTURE(counted, "a wait for an urgent byte ends when the connection ends") {
    for (const auto family : {weir::socket::ipv4, weir::socket::ipv6}) {
        server listening(family);
        auto [client, peer] = listening.pair();
        const auto by_receive = [&from = client] { return from.receive(1, receive_flags::out_of_band, within(20s)); };
        const auto by_message = [&from = client] {
            return from.receive_from(1, weir::receive_options(receive_flags::out_of_band), within(20s));
        };
        const auto start = weir::now();
        REQUIRE(peer.send("left"));
        const auto end = urgent_while(by_receive, [&from = peer] { REQUIRE(from.shutdown(half::send)); });
        REQUIRE(end);
        CHECK(end->empty());
        CHECK(by_message() == errc::closed);
        REQUIRE(client.shutdown(half::send));
        CHECK(by_receive()->empty());
        CHECK(client.receive(10)->text() == "left");

        auto [second, resetting] = listening.pair();
        const auto reset =
            urgent_while([&from = second] { return from.receive(1, receive_flags::out_of_band, within(20s)); },
                         [&by = resetting] {
                             REQUIRE(by.set(option::linger, 0s));
                             REQUIRE(by.close());
                         });
        CHECK(reset == errc::reset);
        CHECK(weir::now() - start < 10s);
    }
}

TEST_CASE_FIXTURE(counted, "if urgent bytes are received inline, a wait for one is refused") {
    server listening(weir::socket::ipv4);
    auto [client, peer] = listening.pair();
    REQUIRE(client.set(option::out_of_band_inline, true));
    REQUIRE(peer.send("!", weir::send_flags::out_of_band));
    CHECK(client.receive(1)->text() == "!");
    const auto start = weir::now();
    CHECK(client.receive(1, receive_flags::out_of_band, within(20s)) == errc::invalid);
    CHECK(weir::now() - start < 10s);
}

TEST_CASE_FIXTURE(counted, "a non-blocking socket stays non-blocking while a call with a deadline waits for room") {
    const folder place;
    auto full = weir::socket::open(weir::socket::local, weir::socket::datagram);
    REQUIRE(full->bind(place.text("full")));
    auto sender = weir::socket::open(weir::socket::local, weir::socket::datagram);
    REQUIRE(sender->bind(place.text("sender")));
    REQUIRE(sender->set_blocking(false));
    const address there = *address::parse(place.text("full"));
    while (sender->send_to("x", there)) {
    }
    weir::result<std::size_t> sent = weir::error(errc::invalid);
    blocked_thread sending([&] { sent = sender->send_to("y", there, within(20s)); });
    REQUIRE(sending.await_sleep());
    REQUIRE((::fcntl(sender->fd(), F_GETFL) & O_NONBLOCK) != 0);
    CHECK(sender->receive(10) == errc::would_block);
    REQUIRE(full->receive(10));
    sending.join();
    CHECK(sent);
    CHECK(sender->send_to("z", there, within(30ms)) == errc::timed_out);

    server listening(weir::socket::local, 0);
    const auto waiting = listening.fill_queue();
    weir::socket client = open_stream(weir::socket::local);
    REQUIRE(client.set_blocking(false));
    weir::result<void> connected = weir::error(errc::invalid);
    blocked_thread connecting([&] { connected = client.connect(listening.here, within(20s)); });
    REQUIRE(connecting.await_sleep());
    CHECK((::fcntl(client.fd(), F_GETFL) & O_NONBLOCK) != 0);
    for (std::size_t i = 0; i < waiting.size(); ++i) REQUIRE(listening.listener.accept(within(10s)));
    connecting.join();
    CHECK(connected);
}
