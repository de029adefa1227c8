// Signals: a handler without SA_RESTART interrupts the system call, and weir's call continues.
#include "tests/socket/support.h"
#include "tests/stopped_while.h"

using namespace weir_test;

namespace {

const auto both_kinds = [] { return std::array{weir::deadline::never(), within(60s)}; };

}  // namespace

TEST_CASE_FIXTURE(counted, "an interrupted receive continues") {
    const interrupting_signal guard;
    on_each_family([](address_family family) {
        server listening(family);
        auto [client, peer] = listening.pair();
        for (const auto until : both_kinds()) {
            weir::result<bytes> data = bytes();
            blocked_thread receiver([&, &from = client] { data = from.receive(10, until); });
            CHECK(receiver.interrupt(5));
            REQUIRE(peer.send("at last"));
            receiver.join();
            REQUIRE_MESSAGE(data, (data ? "" : data.error().message()));
            CHECK(data->text() == "at last");
        }
    });
}

TEST_CASE_FIXTURE(counted, "bytes that arrived in time are received after the deadline if the program was stopped") {
    on_each_family([](address_family family) {
        server listening(family);
        auto [client, peer] = listening.pair();
        const auto helper = stopped_while([&from = peer] { CHECK(from.send("late")); });
        const auto data = client.receive(10, within(100ms));
        REQUIRE_MESSAGE(data, (data ? "" : data.error().message()));
        CHECK(data->text() == "late");
        CHECK(client.receive(10, within(10ms)) == errc::timed_out);
    });
}

TEST_CASE_FIXTURE(counted, "an interrupted accept continues") {
    const interrupting_signal guard;
    on_each_family([](address_family family) {
        server listening(family);
        for (const auto until : both_kinds()) {
            bool worked = false;
            blocked_thread accepter([&] { worked = static_cast<bool>(listening.listener.accept(until)); });
            CHECK(accepter.interrupt(5));
            const weir::socket client = listening.connect();
            accepter.join();
            CHECK(worked);
        }
    });
}

TEST_CASE_FIXTURE(counted, "an interrupted send and send_all continue, and no byte is lost or sent twice") {
    const interrupting_signal guard;
    on_each_family([](address_family family) {
        for (const auto until : both_kinds()) {
            server listening(family);
            auto [client, peer] = listening.pair();
            const std::size_t filled = fill(client);
            const bytes content = pattern(1'000'000);
            weir::result<std::size_t> one = std::size_t{0};
            weir::result<void> all;
            blocked_thread sender([&, &to = client] {
                one = to.send("x", until);
                all = to.send_all(content, until);
                static_cast<void>(to.shutdown(half::send));
            });
            CHECK(sender.interrupt(5));
            REQUIRE(peer.receive(1));  // makes room for a part, so that send_all is interrupted in the middle, too
            for (std::size_t read = 1; read < filled;) read += peer.receive(filled - read, within(20s))->size();
            sender.interrupt(3);
            const bytes arrived = receive_everything(peer, 1000);
            sender.join();
            REQUIRE(one);
            CHECK(*one == 1);
            CHECK(all);
            REQUIRE(arrived.size() == content.size() + 1);
            CHECK(arrived.view().from(1) == content.view());
        }
    });
}

TEST_CASE_FIXTURE(counted, "an interrupted connect continues") {
    const interrupting_signal guard;
    on_each_family([](address_family family) {
        for (const auto until : both_kinds()) {
            server listening(family, 0);
            const auto waiting = listening.fill_queue();
            weir::socket client = open_stream(family);
            weir::result<void> connected;
            blocked_thread connecting([&] { connected = client.connect(listening.here, until); });
            CHECK(connecting.interrupt(5));
            for (std::size_t i = 0; i < waiting.size(); ++i) REQUIRE(listening.listener.accept(within(10s)));
            connecting.join();
            CHECK_MESSAGE(connected, (connected ? "" : connected.error().message()));
            CHECK(client.send("through"));
        }
    });
}

TEST_CASE_FIXTURE(counted, "signals do not prolong a deadline") {
    const interrupting_signal guard;
    auto pair = weir::socket_pair();
    const auto start = weir::now();
    weir::result<bytes> data = bytes();
    blocked_thread receiver([&] { data = pair->first.receive(10, within(100ms)); });
    while (receiver.interrupt(1)) {
    }
    receiver.join();
    CHECK(data == errc::timed_out);
    CHECK(weir::now() - start >= 100ms);
    CHECK(weir::now() - start < 10s);
}
