// A server keeps its limits, counts correctly, and ends in an orderly way, on every backend.
#include <stdexcept>

#include "tests/conformance/backends.h"

using namespace weir_test;

namespace {

task<> echo(channel client) {
    while (auto message = co_await client.receive()) {
        co_await client.send(*message);
    }
}

task<std::string> talk(std::string where, std::string words, framing described = framing::lines()) {
    auto connected = co_await connect(where, described, {}, loop::current().now() + 5s);
    if (!connected) co_return "not connected: " + std::string(to_string(connected.error().code()));
    channel server = std::move(*connected);
    co_await server.send(words);
    auto reply = co_await server.receive(loop::current().now() + 5s);
    if (!reply) co_return std::string(to_string(reply.error().code()));
    co_return std::string(reply->text());
}

server opened(server_options how = {}, framing described = framing::lines()) {
    auto made = server::listen("127.0.0.1:0", described, std::move(how));
    REQUIRE(made);
    return std::move(*made);
}

// Starts a server, runs `body(server, where)`, and stops the server. Returns its stats.
template <class Handler, class Body>
task<server_stats> beside(server_options how, Handler handles, Body body, framing described = framing::lines()) {
    server one = opened(std::move(how), described);
    auto all = [](scope& children, server& served, Handler run, Body talks) -> task<> {
        children.spawn(served.run(run));
        co_await talks(served, served.local_address().to_string());
        served.stop();
    };
    auto done = co_await in_scope(+all, std::ref(one), handles, body);
    CHECK(done);
    co_return one.stats();
}

task<> echoes() {
    auto stats = co_await beside(
        {}, &echo, +[](server& served, std::string where) -> task<> {
            CHECK(co_await talk(where, "hello") == "hello");
            CHECK(co_await talk(where, "again") == "again");
            CHECK(served.stats().accepted == 2);
        });
    CHECK(stats.accepted == 2);
    CHECK(stats.open == 0);
    CHECK(stats.messages.messages_received == 2);
    CHECK(stats.messages.messages_sent == 2);
    CHECK(stats.messages.bytes_received == 12);
    CHECK(stats.ended_by(errc::closed) + stats.ended_by(errc::cancelled) == 2);
}

task<> throws_on_bad_words(channel client) {
    auto message = co_await client.receive();
    if (message->text() == "bad") throw std::runtime_error("a bad word");
    co_await client.send("fine");
}

task<> contained() {
    std::string said;
    server_options how;
    how.log = [&said](const server_event& what) {
        if (what.what == server_event::kind::thrown) said = what.text;
    };
    auto stats = co_await beside(
        how, &throws_on_bad_words, +[](server&, std::string where) -> task<> {
            CHECK(co_await talk(where, "bad") == "closed by the peer");
            CHECK(co_await talk(where, "good") == "fine");
        });
    CHECK(stats.thrown == 1);
    CHECK(said == "a bad word");
}

task<result<void>> hold_open(std::string where, std::string words, errc& ended) {
    auto connected = co_await connect(where, framing::lines());
    if (!connected) co_return connected.error();
    channel server = std::move(*connected);
    server.switch_framing(framing::chunks());
    if (!words.empty()) co_await server.send(words);
    for (;;) {
        auto chunk = co_await server.receive();
        if (!chunk) break;
    }
    ended = server.close_reason().code();
    co_return result<void>();
}

// A silent client and one with a partial message are disconnected. A good client is served at the same time.
task<> slow_clients() {
    server_options how;
    how.limits.connection.first_message = 60ms;
    how.limits.connection.whole_message = 90ms;
    how.limits.connection.idle = 500ms;
    auto stats = co_await beside(
        how, &echo, +[](server&, std::string where) -> task<> {
            errc silent = errc::none;
            errc dripping = errc::none;
            auto all = [](scope& children, std::string there, errc& one, errc& other) -> task<> {
                children.spawn(hold_open(there, {}, one));
                children.spawn(hold_open(there, "whole\ntorn", other));
                for (int i = 0; i < 10; ++i) {
                    CHECK(co_await talk(there, "good") == "good");
                    co_await sleep(20ms);
                }
            };
            auto done = co_await in_scope(+all, where, std::ref(silent), std::ref(dripping));
            CHECK(done);
            CHECK(silent == errc::closed);
            CHECK(dripping == errc::closed);
        });
    CHECK(stats.ended_by(errc::timed_out) == 2);
    CHECK(stats.ended_by(errc::closed) == 10);
}

task<> drip(std::string where) {
    auto connected = co_await connect(where, framing::lines());
    REQUIRE(connected);
    channel server = std::move(*connected);
    server.switch_framing(framing::chunks());
    for (int i = 0; i < 40 && server.failure() == errc::none; ++i) {
        co_await server.send("x");
        co_await sleep(10ms);
    }
    CHECK_FALSE(server.failure() == errc::none);
}

task<> slow_drip() {
    server_options how;
    how.limits.connection.whole_message = 90ms;
    how.limits.connection.linger_time = 20ms;
    auto stats = co_await beside(how, &echo, +[](server&, std::string where) -> task<> { co_await drip(where); });
    CHECK(stats.ended_by(errc::timed_out) == 1);
}

task<> sends_for_ever(channel client) {
    const std::string block(10'000, 'x');
    for (auto sent = co_await client.send(block); sent; sent = co_await client.send(block)) {
    }
    CHECK(client.failure() == errc::timed_out);
    CHECK(client.close_reason() == errc::timed_out);
}

task<> connect_and_never_read(std::string where) {
    auto connected = co_await connect_stream(where);
    REQUIRE(connected);
    co_await sleep(400ms);
}

task<> peer_that_never_reads() {
    server_options how;
    how.limits.connection.stalled_send = 100ms;
    auto stats = co_await beside(
        how, &sends_for_ever, +[](server&, std::string where) -> task<> { co_await connect_and_never_read(where); });
    CHECK(stats.ended_by(errc::timed_out) == 1);
    CHECK(stats.open == 0);
}

task<> over_max() {
    auto stats = co_await beside(
        {}, &echo,
        +[](server&, std::string where) -> task<> {
            CHECK(co_await talk(where, "far too long") == "closed by the peer");
            CHECK(co_await talk(where, "short") == "short");
        },
        *framing::parse("lines,max=8"));
    CHECK(stats.ended_by(errc::too_large) == 1);
}

// More clients connect than the limit allows. The clients over the limit wait, and in the end all are served.
task<> limit_of_connections() {
    server_options how;
    how.limits.connections = 3;
    auto stats = co_await beside(
        how, &echo, +[](server& served, std::string where) -> task<> {
            auto all = [](scope& children, std::string there, server& counts) -> task<> {
                auto one = [](std::string to, server& counted) -> task<> {
                    CHECK(co_await talk(to, "turn") == "turn");
                    CHECK(counted.stats().open <= 3);
                };
                for (int i = 0; i < 20; ++i) children.spawn(one(there, counts));
                co_return;
            };
            auto done = co_await in_scope(+all, where, std::ref(served));
            CHECK(done);
        });
    CHECK(stats.accepted == 20);
    CHECK(stats.pauses > 0);
}

task<> limit_of_a_source() {
    server_options how;
    how.limits.connections_of_a_source = 2;
    auto stats = co_await beside(
        how, &echo, +[](server&, std::string where) -> task<> {
            auto first = co_await connect(where, framing::lines());
            auto second = co_await connect(where, framing::lines());
            REQUIRE(first);
            REQUIRE(second);
            co_await first->send("in");
            auto in = co_await first->receive();
            CHECK(in->text() == "in");
            co_await second->send("in");
            auto also_in = co_await second->receive();
            CHECK(also_in->text() == "in");
            CHECK(co_await talk(where, "third") == "connection reset by the peer");
            first->abort();
            co_await sleep(20ms);
            CHECK(co_await talk(where, "again") == "again");
        });
    CHECK(stats.refused == 1);
}

task<> works_long(channel client) {
    while (auto message = co_await client.receive()) {
        co_await sleep(50ms);
        co_await client.send(*message);
    }
    CHECK(client.close_reason() == errc::cancelled);
}

// A client whose request is in progress when the server stops gets its reply. Idle connections end, and the port is
// free.
task<> drain() {
    server one = opened();
    const std::string where = one.local_address().to_string();
    auto all = [](scope& children, server& served, std::string there) -> task<> {
        children.spawn(served.run(&works_long));
        auto idle = co_await connect(there, framing::lines());
        auto busy = co_await connect(there, framing::lines());
        REQUIRE(idle);
        REQUIRE(busy);
        co_await busy->send("one");
        co_await busy->send("two");
        co_await sleep(40ms);
        const time_point began = loop::current().now();
        served.stop();
        CHECK(loop::current().backend().listen(there, {}));
        auto nothing = co_await idle->receive();
        CHECK(nothing == errc::closed);
        CHECK(loop::current().now() - began < 45ms);
        auto reply = co_await busy->receive();
        CHECK(reply->text() == "one");
        reply = co_await busy->receive();
        CHECK(reply->text() == "two");
        reply = co_await busy->receive();
        CHECK(reply == errc::closed);
    };
    auto done = co_await in_scope(+all, std::ref(one), where);
    CHECK(done);
    CHECK(one.stats().open == 0);
    CHECK(one.stats().aborted == 0);
    CHECK(one.stats().ended_by(errc::cancelled) == 2);
}

task<> never_ends(channel client) {
    while (auto slept = co_await sleep(1h)) {
    }
    CHECK(client.close_reason() == errc::cancelled);
}

// Connects a client, stops the server while it serves this client, and returns the client.
task<channel> of_a_stopped_server(server& served, std::string where) {
    auto client = co_await connect(where, framing::lines());
    REQUIRE(client);
    while (served.stats().open == 0) co_await sleep(1ms);
    served.stop();
    co_return std::move(*client);
}

task<> drain_ends_in_abort() {
    server_options how;
    how.limits.drain = 50ms;
    auto stats = co_await beside(
        how, &never_ends, +[](server& served, std::string where) -> task<> {
            auto client = co_await of_a_stopped_server(served, where);
            auto nothing = co_await client.receive();
            CHECK_FALSE(nothing);
        });
    CHECK(stats.aborted == 1);
    CHECK(stats.open == 0);
}

// A connection with half a message stays open until the end of the drain. Meanwhile the loop waits without turns.
task<> drain_in_peace() {
    server_options how;
    how.limits.drain = 100ms;
    auto stats = co_await beside(
        how, &echo, +[](server& served, std::string where) -> task<> {
            auto client = co_await connect(where, framing::chunks());
            REQUIRE(client);
            co_await client->send("half");
            co_await sleep(40ms);
            served.stop();
            const std::uint64_t before = loop::current().turns();
            auto nothing = co_await client->receive();
            CHECK_FALSE(nothing);
            CHECK(loop::current().turns() - before < 20);
        });
    CHECK(stats.aborted == 1);
}

// A drain limit of duration::max() must not overflow: it never expires.
task<> drain_for_ever() {
    server_options how;
    how.limits.drain = duration::max();
    auto stats = co_await beside(
        how, &never_ends, +[](server& served, std::string where) -> task<> {
            auto client = co_await of_a_stopped_server(served, where);
            co_await sleep(20ms);
            CHECK(served.stats().aborted == 0);
        });
    CHECK(stats.aborted == 1);
}

task<> no_listener() {
    server one = opened();
    const std::string where = one.local_address().to_string();
    one.stop();
    auto refused = co_await connect(where, framing::lines());
    CHECK(refused == errc::refused);
    auto nonsense = co_await connect("127.0.0.1:99999", framing::lines());
    REQUIRE_FALSE(nonsense);
    CHECK(nonsense.error().operation() == "resolve");
    CHECK(nonsense.error().subject() == "127.0.0.1:99999");
}

task<> arguments(channel client, std::string greeting, int& count) {
    ++count;
    co_await client.send(greeting);
}

task<> with_arguments() {
    server one = opened();
    int count = 0;
    auto all = [](scope& children, server& served, int& counted) -> task<> {
        children.spawn(served.run(&arguments, std::string("hi"), std::ref(counted)));
        CHECK(co_await talk(served.local_address().to_string(), "?") == "hi");
        served.stop();
    };
    auto done = co_await in_scope(+all, std::ref(one), std::ref(count));
    CHECK(done);
    CHECK(count == 1);
}

}  // namespace

TEST_CASE("a server serves, counts and stops") { on_each_backend(echoes); }
TEST_CASE("a handler that throws ends its own connection") { on_each_backend(contained); }
TEST_CASE("silent clients and partial messages time out, and a good client is served beside them") {
    on_each_backend(slow_clients);
}
TEST_CASE("a message that arrives in single bytes times out as a whole") { on_each_backend(slow_drip); }
TEST_CASE("a connection whose peer never reads is closed") { on_each_backend(peer_that_never_reads); }
TEST_CASE("a message over max ends its connection") { on_each_backend(over_max); }
TEST_CASE("connections over the limit wait, and are served later") { on_each_backend(limit_of_connections); }
TEST_CASE("a source address has no more connections than its limit") { on_each_backend(limit_of_a_source); }
TEST_CASE("a stopped server answers the messages that have arrived, and its port is free") { on_each_backend(drain); }
TEST_CASE("after the drain the remaining connections are aborted") { on_each_backend(drain_ends_in_abort); }
TEST_CASE("a drain that waits for half a message causes no turns of the loop") { on_each_backend(drain_in_peace); }
TEST_CASE("a drain without a time limit lasts until the second stop") { on_each_backend(drain_for_ever); }
TEST_CASE("a connection to a port without a listener is refused") { on_each_backend(no_listener); }
TEST_CASE("a handler gets its further arguments") { on_each_backend(with_arguments); }
