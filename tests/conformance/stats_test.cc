// The counters of running servers and clients: what they count, and which threads may read them.
#include <atomic>
#include <map>
#include <string>
#include <thread>

#include "tests/conformance/backends.h"

using namespace weir_test;

namespace {

task<> echo(channel client) {
    while (auto message = co_await client.receive()) co_await client.send(*message);
}

// Echoes one message, receives two more, and then sleeps.
task<> echo_and_sleep(channel client) {
    auto message = co_await client.receive();
    REQUIRE(message);
    co_await client.send(*message);
    for (int i = 0; i < 2; ++i) {
        auto more = co_await client.receive();
        REQUIRE(more);
    }
    co_await sleep(1h);
}

task<> serve_and(scope& all, server& one, task<> (*handles)(channel),
                 task<> (*does)(server&, const live_client_stats&)) {
    all.spawn(one.run(handles));
    const live_client_stats clients = live_client_stats::of_this_loop();
    task<> doing = does(one, clients);
    co_await std::move(doing);
    one.stop();
}

task<> with_server(server_options how, task<> (*handles)(channel), task<> (*does)(server&, const live_client_stats&),
                   framing described = framing::lines()) {
    how.wrappers = worn();
    auto opened = server::listen("127.0.0.1:0", std::move(described), how);
    REQUIRE(opened);
    auto done = co_await in_scope(&serve_and, std::ref(*opened), handles, does);
    CHECK(done);
    CHECK(opened->stats().open == 0);
    CHECK(opened->stats().held_bytes == 0);
    CHECK(opened->stats().queued_bytes == 0);
}

task<channel> client_of(const server& one, framing described = framing::lines()) {
    task<result<channel>> connecting = connect(one.local_address().to_string(), worn(), std::move(described));
    auto made = co_await std::move(connecting);
    REQUIRE(made);
    co_return std::move(*made);
}

task<> soon(bool (*holds)(const server&), const server& of) {
    for (int i = 0; i < 2000 && !holds(of); ++i) co_await sleep(1ms);
    CHECK(holds(of));
}

}  // namespace

TEST_CASE("the messages and bytes of an open connection are counted, whatever its task waits for") {
    on_each_backend(
        [] {
            return with_server({}, &echo_and_sleep, [](server& one, const live_client_stats& clients) -> task<> {
                task<channel> connecting = client_of(one);
                channel client = co_await std::move(connecting);
                co_await client.send("first");
                auto reply = co_await client.receive();
                REQUIRE(reply);
                task<> counted = soon([](const server& of) { return of.stats().messages.messages_sent == 1; }, one);
                co_await std::move(counted);
                const server_stats before = one.stats();
                CHECK(before.accepted == 1);
                CHECK(before.open == 1);
                CHECK(before.messages.messages_received == 1);
                CHECK(before.messages.bytes_sent == 6);
                CHECK(before.all_ended() == 0);
                co_await sleep(1ms);  // counters of a loop are updated at the end of its turn
                CHECK(clients.now().open == 1);
                CHECK(clients.now().messages.messages_received == 1);
                CHECK(clients.now().messages.bytes_received == 6);
                // The handler receives both messages in one turn, and then sleeps.
                co_await client.send("second");
                co_await client.send("third");
                task<> taken = soon([](const server& of) { return of.stats().messages.messages_received == 3; }, one);
                co_await std::move(taken);
                const server_stats since = one.stats() - before;
                CHECK(since.messages.messages_received == 2);
                CHECK(since.messages.bytes_received == 13);
                CHECK(since.messages.messages_sent == 0);
                CHECK(since.accepted == 0);
                CHECK(since.open == 1);
                client.abort();
                {
                    const channel gone = std::move(client);
                }
                task<> ended = soon([](const server& of) { return of.stats().open == 0; }, one);
                one.stop();
                one.stop();
                co_await std::move(ended);
                CHECK(one.stats().all_ended() == 1);
                CHECK(clients.now().ended_by(errc::cancelled) == 1);
            });
        },
        5);
}

TEST_CASE("queued bytes that a peer does not take are counted, and so is a send that waits") {
    on_each_backend(
        [] {
            auto feeds = [](channel client) -> task<> {
                const std::string large(400'000, 'x');
                for (int i = 0; i < 40; ++i) {
                    if (auto sent = co_await client.send(large); !sent) co_return;
                }
            };
            server_options how;
            how.limits.drain = 0ms;
            return with_server(
                how, +feeds,
                [](server& one, const live_client_stats&) -> task<> {
                    task<channel> connecting = client_of(one, framing::len32());
                    channel client = co_await std::move(connecting);
                    auto first = co_await client.receive();
                    REQUIRE(first);
                    task<> queued = soon(
                        [](const server& of) {
                            const server_stats now = of.stats();
                            return now.queued_bytes > 0 && now.hits_of(limit_kind::outgoing_bytes) > 0;
                        },
                        one);
                    co_await std::move(queued);
                    CHECK(one.stats().held_bytes > 0);
                    client.abort();
                },
                framing::len32());
        },
        5);
}

TEST_CASE("each limit that takes effect is counted under its name") {
    on_each_backend(
        [] {
            server_options how;
            how.limits.connections = 3;
            how.limits.connections_of_a_source = std::nullopt;
            how.limits.connection.first_message = 20ms;
            how.limits.connection.idle = 60ms;
            return with_server(
                how, &echo,
                [](server& one, const live_client_stats&) -> task<> {
                    const auto talks = [](server& to, std::string_view says) -> task<errc> {
                        task<channel> connecting = client_of(to, framing::chunks());
                        channel client = co_await std::move(connecting);
                        if (!says.empty()) co_await client.send(says);
                        for (;;) {
                            auto got = co_await client.receive();
                            if (!got) co_return got.error().code();
                        }
                    };
                    auto silent = talks(one, {});
                    auto too_large = talks(one, "a line of more than sixteen bytes\n");
                    auto idle = talks(one, "a line\n");
                    co_await when_all(std::move(silent), std::move(too_large), std::move(idle));
                    task<> ended = soon([](const server& of) { return of.stats().all_ended() == 3; }, one);
                    co_await std::move(ended);
                    const server_stats now = one.stats();
                    CHECK(now.hits_of(limit_kind::first_message) == 1);
                    CHECK(now.hits_of(limit_kind::message_size) == 1);
                    CHECK(now.hits_of(limit_kind::idle) == 1);
                    CHECK(now.hits_of(limit_kind::connections) >= 1);
                    CHECK(now.hits_of(limit_kind::connections) == now.pauses);
                    CHECK(now.ended_by(errc::timed_out) == 2);
                    CHECK(now.ended_by(errc::too_large) == 1);
                    CHECK(now.hits_of(limit_kind::drain) == 0);
                },
                *framing::parse("lines,max=16"));
        },
        3);
    CHECK(to_string(limit_kind::connections_of_a_source) == "connections of a source");
}

TEST_CASE("any thread may read the counters of a server on several loops while it serves") {
    static constexpr int clients = 20;
    static constexpr int messages = 50;
    const auto serves = []() -> task<> {
        auto opened = server_loops::listen("127.0.0.1:0", framing::lines(), std::vector<server_options>(2));
        REQUIRE(opened);
        server_loops& all = *opened;
        const std::string where = all.local_address().to_string();
        std::atomic<bool> done = false;
        server_stats last;
        std::thread reads([&] {
            while (!done) {
                const server_stats now = all.stats();
                CHECK(now.messages.messages_received >= last.messages.messages_received);
                CHECK(now.accepted >= last.accepted);
                CHECK(now.open <= clients);
                last = now;
            }
        });
        std::thread talks([&] {
            std::vector<blocking_channel> open;
            for (int i = 0; i < clients; ++i) open.emplace_back(*connect_to(where), framing::lines());
            for (int i = 0; i < messages; ++i) {
                for (auto& one : open) REQUIRE(one.send("hello"));
                for (auto& one : open) REQUIRE(one.receive(within(5s)));
            }
            while (all.stats().messages.messages_sent < clients * messages) std::this_thread::yield();
            CHECK(all.stats().open == clients);
            open.clear();
            while (all.stats().all_ended() != clients) std::this_thread::yield();
            all.stop();
        });
        task<> running = all.run(&echo);
        co_await std::move(running);
        talks.join();
        done = true;
        reads.join();
        const server_stats end = all.stats();
        CHECK(end.messages.messages_received == clients * messages);
        CHECK(end.messages.bytes_sent == end.messages.bytes_received);
        CHECK(end.accepted == clients);
        CHECK(end.ended_by(errc::closed) == clients);
        CHECK(end.open == 0);
    };
    for (const auto which : {backend_kind::epoll, backend_kind::io_uring}) {
        loop here(std::move(*open_backend(which)));
        here.run(serves());
    }
}

TEST_CASE("the counters of clients can be read after their loop has ended") {
    std::optional<live_client_stats> clients;
    {
        loop here(system_backend());
        here.run([](std::optional<live_client_stats>& into) -> task<> {
            into = live_client_stats::of_this_loop();
            auto [one, other] = stream_pair();
            channel sends(std::move(one), framing::lines());
            channel receives(std::move(other), framing::lines());
            co_await sends.send("a line");
            auto got = co_await receives.receive();
            REQUIRE(got);
            auto nowhere = co_await connect("127.0.0.1:1", framing::lines());
            CHECK(!nowhere);
        }(clients));
    }
    const client_stats last = clients->now();
    CHECK(last.opened == 2);
    CHECK(last.open == 0);
    CHECK(last.not_connected == 1);
    CHECK(last.messages.messages_sent == 1);
    CHECK(last.messages.messages_received == 1);
    CHECK(last.messages.bytes_received == 7);
    client_stats twice = last;
    twice += last;
    CHECK((twice - last).messages.bytes_received == 7);
}

namespace {

class waits final : public wrapper {
public:
    std::string_view name() const noexcept override { return "waits"; }
    std::optional<duration> handshake_time() const noexcept override { return 20ms; }
    task<result<owned_stream>> wrap(owned_stream below, peer_facts&) const override {
        handshake opening(std::move(below));
        if (auto more = co_await opening.receive_more(); !more) co_return more.error();
        co_return opening.release();
    }
};

task<> starts_wrapper(channel client) {
    auto message = co_await client.receive();
    if (!message) co_return;
    auto replaced = co_await client.replace_stream(wrappers(1, std::make_shared<waits>()));
    CHECK(!replaced);
}

}  // namespace

TEST_CASE("every handshake that takes too long is counted, and so is the connect() that fails because of it") {
    on_each_backend(
        [] {
            return with_server({}, &starts_wrapper, [](server& one, const live_client_stats& clients) -> task<> {
                const std::string where = one.local_address().to_string();
                wrappers through = worn();
                through.push_back(std::make_shared<waits>());
                task<result<channel>> connecting = connect(where, through, framing::lines());
                auto never = co_await std::move(connecting);
                CHECK(never == errc::timed_out);
                CHECK(clients.now().not_connected == 1);
                CHECK(clients.now().hits_of(limit_kind::handshake) == 1);
                task<channel> opening = client_of(one);
                channel client = co_await std::move(opening);
                co_await client.send("go");
                auto end = co_await client.receive();
                CHECK(!end);
                task<> counted =
                    soon([](const server& of) { return of.stats().hits_of(limit_kind::handshake) == 1; }, one);
                co_await std::move(counted);
                one.stop();
                one.stop();
            });
        },
        2);
}

TEST_CASE("messages sent in the turn in which the handle is destroyed are counted before the close has ended") {
    on_each_kernel_backend([]() -> task<> {
        const live_client_stats clients = live_client_stats::of_this_loop();
        auto [served, client] = co_await connected();
        const std::uint64_t before = clients.now().messages.messages_sent;
        {
            const channel gone = std::move(client);
            for (int i = 0; i < 5; ++i) co_await const_cast<channel&>(gone).send("hello");
        }
        co_await sleep(20ms);
        CHECK(clients.now().open == 2);  // the close waits for the end of the other side
        CHECK(clients.now().messages.messages_sent == before + 5);
    });
}

TEST_CASE("a connection that moves from channel to channel counts its bytes once") {
    on_each_kernel_backend([]() -> task<> {
        const live_client_stats clients = live_client_stats::of_this_loop();
        auto [one, other] = *socket_pair();
        REQUIRE(other.send_all("one\ntwo\nthree\n"));
        auto first = adopt(std::move(one), framing::lines());
        REQUIRE(first);
        auto message = co_await first->receive();
        REQUIRE(message);
        task<result<detached_connection>> leaving = first->detach();
        auto given = co_await std::move(leaving);
        REQUIRE(given);
        auto second = adopt(std::move(*given), framing::lines());
        REQUIRE(second);
        for (int i = 0; i < 2; ++i) {
            auto more = co_await second->receive();
            REQUIRE(more);
        }
        co_await sleep(1ms);
        CHECK(clients.now().messages.bytes_received == 14);
        CHECK(clients.now().messages.messages_received == 3);
        CHECK(second->stats().bytes_received == 10);
    });
}

TEST_CASE("bytes that are queued behind a send in progress are counted") {
    on_each_kernel_backend([]() -> task<> {
        const live_client_stats clients = live_client_stats::of_this_loop();
        channel_limits roomy;
        roomy.high_water_bytes = 64 << 20;
        auto [served, client] = co_await connected(framing::len32(), roomy);
        const std::string large(500'000, 'x');
        for (int i = 0; i < 20; ++i) {
            co_await served.send(large);
            co_await sleep(1ms);
        }
        if (!this_backend->transforms()) CHECK(clients.now().queued_bytes == served.queued_bytes());
        CHECK(clients.now().queued_bytes > 2'000'000);
        CHECK(clients.now().held_bytes > 2'000'000);
        served.abort();
        co_await sleep(1ms);
        CHECK(clients.now().queued_bytes == 0);
    });
}

TEST_CASE("a connection that has closed already is not aborted by the end of the drain") {
    on_each_kernel_backend([] {
        server_options how;
        how.limits.drain = 20ms;
        auto cleans_up = [](channel client) -> task<> {
            {
                channel own = std::move(client);
                while (auto message = co_await own.receive()) {
                }
            }
            co_await sleep(1h);
        };
        return with_server(how, +cleans_up, [](server& one, const live_client_stats&) -> task<> {
            {
                task<channel> connecting = client_of(one);
                channel client = co_await std::move(connecting);
                co_await client.send("x");
            }
            task<> closed = soon([](const server& of) { return of.stats().all_ended() == 1; }, one);
            co_await std::move(closed);
            CHECK(one.stats().open == 1);
            one.stop();
            co_await sleep(100ms);
            CHECK(one.stats().aborted == 0);
            CHECK(one.stats().hits_of(limit_kind::drain) == 0);
            CHECK(one.stats().all_ended() == 1);
        });
    });
}
