// Regression tests of fixed bugs, on every backend.
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/conformance/backends.h"
#include "tests/conformance/made_up_stream.h"

using namespace weir_test;

namespace {

// The peer takes nothing while the sending task sleeps. The timers of the loop still expire, and the channel fails.
task<> stalled_while_asleep() {
    channel_limits limits;
    limits.stalled_send = 50ms;
    limits.high_water_bytes = 64 << 20;
    auto [served, client] = co_await connected(*framing::parse("len32,max=none"), limits);
    co_await served.send(std::string(8 << 20, 'x'));
    const std::uint64_t before = loop::current().turns();
    for (int i = 0; i < 100 && served.failure() == errc::none; ++i) co_await sleep(100ms);
    CHECK(served.failure() == errc::timed_out);
    CHECK(served.close_reason() == errc::timed_out);
    CHECK(loop::current().turns() - before < 3000);
    auto ended = co_await served.receive();
    CHECK(ended == errc::timed_out);
}

task<> abandoned_gap() {
    auto [served, client] = co_await connected(*framing::parse("idle:30ms"));
    co_await client.send("a frame");
    auto late = co_await served.receive(loop::current().now() + 15ms);
    const std::uint64_t before = loop::current().turns();
    co_await sleep(100ms);
    CHECK(loop::current().turns() - before < 100);
    if (late) co_return;  // the frame ended before the deadline
    auto frame = co_await served.receive();
    REQUIRE(frame);
    CHECK(frame->text() == "a frame");
}

// A received message stays unchanged until the next receive, also when its channel is aborted.
task<> held_over_an_abort() {
    auto [served, client] = co_await connected();
    auto [other_served, other] = co_await connected();
    co_await client.send("mine");
    auto held = co_await served.receive();
    REQUIRE(held);
    served.abort();
    co_await other.send("the secret of another");
    auto theirs = co_await other_served.receive();
    REQUIRE(theirs);
    CHECK(held->text() == "mine");
    auto ended = co_await served.receive();
    CHECK(ended == errc::cancelled);
}

task<> fills_and_leaves(channel client) {
    auto first = co_await client.receive();
    CHECK(first);
    for (int i = 0; i < 40; ++i) {
        auto sent = co_await client.send(std::string(100'000, 'x'));
        if (!sent || client.queued_bytes() > 100'000) break;
    }
}

// The handler has returned, and the peer does not take the last messages. The end of the drain aborts the connection.
task<> aborted_while_closing() {
    server_options how;
    how.limits.drain = 50ms;
    auto opened = server::listen("127.0.0.1:0", framing::lines(), how);
    REQUIRE(opened);
    auto run = [](scope& children, server& one) -> task<> {
        children.spawn(one.run(&fills_and_leaves));
        auto connected = co_await connect(one.local_address().to_string(), framing::lines());
        REQUIRE(connected);
        co_await connected->send("go");
        co_await sleep(100ms);
        CHECK(one.stats().open == 1);
        const time_point began = loop::current().now();
        one.stop();
        while (one.stats().open != 0) co_await sleep(5ms);
        CHECK(loop::current().now() - began < 1s);
    };
    auto done = co_await in_scope(+run, std::ref(*opened));
    CHECK(done);
    CHECK(opened->stats().aborted == 1);
}

task<> echo(channel client) {
    while (auto message = co_await client.receive()) {
        co_await client.send(*message);
    }
}

// A client sends the next request after each reply. During a drain it gets its last reply, and then the end.
task<> busy_drain() {
    auto opened = server::listen("127.0.0.1:0", framing::lines());
    REQUIRE(opened);
    auto run = [](scope& children, server& one) -> task<> {
        children.spawn(one.run(&echo));
        auto connected = co_await connect(one.local_address().to_string(), framing::lines());
        REQUIRE(connected);
        const time_point began = loop::current().now();
        bool stopped = false;
        for (int i = 0;; ++i) {
            co_await connected->send(std::to_string(i));
            auto reply = co_await connected->receive();
            if (!reply) break;
            CHECK(reply->text() == std::to_string(i));
            if (!stopped && loop::current().now() - began > 30ms) {
                stopped = true;
                one.stop();
            }
        }
        CHECK(stopped);
        CHECK(loop::current().now() - began < 5s);
    };
    auto done = co_await in_scope(+run, std::ref(*opened));
    CHECK(done);
    CHECK(opened->stats().aborted == 0);
}

task<> throws_at_once(channel) { throw 42; }

// A handler that is not a coroutine throws an int, and the log throws, too. Only the connection ends.
task<> throwing_everywhere() {
    server_options how;
    how.log = [](const server_event&) { throw std::runtime_error("no log"); };
    auto opened = server::listen("127.0.0.1:0", framing::lines(), how);
    REQUIRE(opened);
    auto run = [](scope& children, server& one) -> task<> {
        children.spawn(one.run(&throws_at_once));
        auto connected = co_await connect(one.local_address().to_string(), framing::lines());
        REQUIRE(connected);
        auto nothing = co_await connected->receive();
        CHECK_FALSE(nothing);
        one.stop();
    };
    auto done = co_await in_scope(+run, std::ref(*opened));
    CHECK(done);
    CHECK(opened->stats().thrown == 1);
}

task<std::string> holds_to_its_end(channel kept) {
    co_await kept.send("the last words");
    co_return std::string("done");
}

}  // namespace

TEST_CASE("a stalled send ends its channel, and the timers of the loop still expire") {
    on_each_backend(stalled_while_asleep);
}
TEST_CASE("a gap that no task waits for causes no turns") { on_each_backend(abandoned_gap); }
TEST_CASE("a received message is not overwritten when its channel is aborted") { on_each_backend(held_over_an_abort); }
TEST_CASE("a connection that is closing is aborted at the end of the drain") { on_each_backend(aborted_while_closing); }
TEST_CASE("a drain ends busy clients too, between two messages") { on_each_backend(busy_drain); }
TEST_CASE("exceptions of any type from a handler and a log are contained") { on_each_backend(throwing_everywhere); }

TEST_CASE("a channel among the arguments of run() closes before run() returns") {
    loop here(system_backend());
    this_backend = &tested_backends[0];
    auto [served, client] = here.run(connected());
    CHECK(here.run(holds_to_its_end(std::move(client))) == "done");
    auto read = [](channel from) -> task<std::string> {
        auto message = co_await from.receive();
        co_return message ? std::string(message->text()) : std::string();
    };
    CHECK(here.run(read(std::move(served))) == "the last words");
}

// Two loops, on the given backends, listen with duplicates of one socket. The first one stops listening.
void stops_listening(const tested_backend& here, const tested_backend& there) {
    loop first(here.make(0));
    loop second(there.make(0));
    auto listening = listen_on("127.0.0.1:0");
    REQUIRE(listening);
    auto copy = listening->duplicate();
    REQUIRE(copy);
    auto one = first.backend().adopt_listener(std::move(*listening));
    REQUIRE(one);
    auto beside = second.backend().adopt_listener(std::move(*copy));
    REQUIRE(beside);
    const std::string where = (*one)->local_address().to_string();
    one->reset();  // the other loop keeps its own descriptor
    auto client = connect_to(where);
    REQUIRE(client);
    for (int i = 0; i < 3; ++i) first.run_once(within(10ms));
    auto take = [](acceptor& from) -> task<bool> {
        accepting arrives(from);
        const accepted_connection arrived = co_await arrives;
        co_return arrived.how.good();
    };
    CHECK(second.run(take(**beside)));
}

TEST_CASE("a loop that stopped listening takes no connection from a loop with the same listener") {
    for (const auto& here : tested_backends) {
        for (const auto& there : tested_backends) {
            if (here.seeds == 1 && there.seeds == 1 && !here.transforms() && !there.transforms())
                stops_listening(here, there);
        }
    }
}

namespace {

task<std::string> greeted_from(std::string host, address where, std::vector<channel>& open) {
    static_cast<sim::network&>(loop::current().backend()).connect_from(*address::parse(host));
    auto made = co_await connect(where.to_string(), framing::lines());
    REQUIRE(made);
    co_await made->send("hello");
    auto reply = co_await made->receive();
    if (!reply) co_return std::string(to_string(reply.error().code()));
    open.push_back(std::move(*made));
    co_return "served";
}

task<> sources() {
    server_options how;
    how.limits.connections_of_a_source = 1;
    auto opened = server::listen("[::]:0", framing::lines(), how);
    REQUIRE(opened);
    auto run = [](scope& children, server& one) -> task<> {
        children.spawn(one.run(&echo));
        const auto ipv6 = *address::parse("[fd00::99]:" + std::to_string(one.local_address().port()));
        const auto ipv4 = *address::parse("10.0.0.99:" + std::to_string(one.local_address().port()));
        std::vector<channel> open;
        CHECK(co_await greeted_from("[fd00:0:0:1::1]:0", ipv6, open) == "served");
        CHECK(co_await greeted_from("[fd00:0:0:2::1]:0", ipv6, open) == "served");
        CHECK(co_await greeted_from("[fd00:0:0:1::3]:0", ipv6, open) == "connection reset by the peer");
        CHECK(co_await greeted_from("10.0.0.1:0", ipv4, open) == "served");
        CHECK(co_await greeted_from("10.0.0.2:0", ipv4, open) == "served");
        CHECK(co_await greeted_from("10.0.0.2:0", ipv4, open) == "connection reset by the peer");
        one.stop();
    };
    auto done = co_await in_scope(+run, std::ref(*opened));
    CHECK(done);
}

}  // namespace

TEST_CASE("a source is an IPv4 address, also one that is mapped into IPv6, or a /64 prefix of IPv6") {
    loop here(simulated(1));
    here.run(sources());
}

namespace {

enum class last_act { sends, ends, aborts };

// Sends some messages and receives the replies. Then performs the given last act.
task<std::optional<channel>> acts(std::string where, last_act what) {
    auto connecting = connect(where, framing::lines());
    auto made = co_await std::move(connecting);
    REQUIRE(made);
    for (int i = 0; i < 3; ++i) {  // afterwards io_uring has a receive in progress
        co_await made->send("again");
        auto reply = co_await made->receive();
        REQUIRE(reply);
    }
    auto nothing = co_await made->receive(loop::current().now() + 5ms);
    CHECK(nothing == errc::timed_out);
    if (what == last_act::ends) co_return std::nullopt;
    if (what == last_act::aborts) {
        made->abort();
    } else {
        co_await made->send("last");
    }
    co_return std::optional<channel>(std::move(*made));
}

// `run` runs the task to its end. The loop runs no further turn while the peer checks the result.
template <class Run>
void leaves_at_once(last_act what, Run run) {
    auto listening = weir::listen_on("127.0.0.1:0");
    REQUIRE(listening);
    std::thread answers([&] {
        auto accepted = listening->accept();
        REQUIRE(accepted);
        for (int i = 0; i < 3; ++i) {
            CHECK(accepted->connection.receive(6, within(5s)));
            CHECK(accepted->connection.send_all("reply\n"));
        }
        const auto last = accepted->connection.receive(16, within(5s));
        if (what == last_act::aborts) {
            CHECK(last == errc::reset);
        } else {
            REQUIRE(last);
            CHECK(last->size() == (what == last_act::sends ? 5 : 0));
        }
    });
    run(acts(listening->local_address()->to_string(), what), [&] { answers.join(); });
}

}  // namespace

TEST_CASE("the last send or close of a task is done before run() returns, on every backend") {
    for (const auto& each : {tested_backends[0], tested_backends[2]}) {
        CAPTURE(std::string(each.name));
        for (const auto what : {last_act::sends, last_act::aborts, last_act::ends}) {
            CAPTURE(static_cast<int>(what));
            if (what == last_act::ends) {
                leaves_at_once(what, [&](task<std::optional<channel>> last, auto seen) {
                    loop here(each.make(0));
                    // The close waits for the peer to close, so run() returns only after the peer has seen the end.
                    static_cast<void>(here.run(std::move(last)));
                    seen();
                });
                continue;
            }
            leaves_at_once(what, [&](task<std::optional<channel>> last, auto seen) {
                loop here(each.make(0));
                const auto kept = here.run(std::move(last));
                seen();
            });
            leaves_at_once(what, [&](task<std::optional<channel>> last, auto seen) {
                loop here(each.make(0));
                weir::started talk(here, std::move(last));
                while (!talk.has_ended()) here.run_once(within(10ms));
                seen();
            });
        }
    }
}

namespace {

task<> keeps_a_writer(channel client, std::vector<channel_writer>& kept) {
    auto [reader, writer] = std::move(client).split();
    kept.push_back(std::move(writer));
    while (auto message = co_await reader.receive()) co_await kept.back().send(*message);
}

task<> a_handle_that_stays() {
    server_options how;
    how.limits.drain = 50ms;
    auto opened = server::listen("127.0.0.1:0", framing::lines(), how);
    REQUIRE(opened);
    std::vector<channel_writer> kept;
    auto run = [](scope& children, server& one, std::vector<channel_writer>& all) -> task<> {
        children.spawn(one.run(keeps_a_writer, std::ref(all)));
        auto connecting = connect(one.local_address().to_string(), framing::lines());
        auto connected = co_await std::move(connecting);
        REQUIRE(connected);
        co_await connected->send("hello");
        auto reply = co_await connected->receive();
        CHECK(reply);
        const time_point began = loop::current().now();
        one.stop();
        while (one.stats().open != 0 && loop::current().now() - began < 2s) co_await sleep(5ms);
        CHECK(one.stats().open == 0);
        if (one.stats().open != 0) all.clear();
    };
    auto done = co_await in_scope(+run, std::ref(*opened), std::ref(kept));
    CHECK(done);
    CHECK(opened->stats().aborted == 1);
    CHECK(opened->stats().ended_by(errc::cancelled) == 1);
    kept.clear();
}

task<> leaves_a_flood(made_up& by) {
    channel_limits limits;
    limits.linger_bytes.reset();
    limits.linger_time = 1s;
    const channel one(owned_stream(new made_up_stream(by)), framing::chunks(), limits);
    co_return;
}

}  // namespace

TEST_CASE("a server ends after its drain, even if the program keeps a handle of a channel") {
    on_each_backend(a_handle_that_stays);
}

TEST_CASE("a peer that sends without end to a channel that is closing does not block other tasks") {
    loop here(by_epoll(1));
    made_up by;
    by.gives = true;
    auto closes = [](made_up& flood) -> task<> {
        co_await leaves_a_flood(flood);
        flood.receives = 0;
        const std::uint64_t before = loop::current().turns();
        while (loop::current().turns() - before < 10) co_await sleep(1ms);
        const std::uint64_t turns = loop::current().turns() - before;
        CHECK(flood.receives > 0);
        CHECK(flood.receives <= (turns + 1) * (internal::channel_receiver::most_bytes_a_turn / flood.piece + 1));
        flood.gives = false;
    };
    here.run(closes(by));
    CHECK(by.is_closed);
}
