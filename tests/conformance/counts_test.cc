// Costs that are counted instead of timed: allocations per message, system calls per turn, memory of an idle
// connection.
#include "tests/conformance/backends.h"
#include "tests/conformance/injected.h"

using namespace weir_test;
using namespace weir_test::counted;

namespace {

constexpr const tested_backend& plain = tested_backends[0];
constexpr const tested_backend& ring = tested_backends[2];

task<> echo(channel client) {
    while (auto message = co_await client.receive()) {
        co_await client.send(*message);
    }
}

constexpr int depth = 16;
constexpr bool isolates = WEIR_ISOLATES;  // each message is in its own allocation

// Sends `depth` messages and receives their echoes.
task<> round(channel& server) {
    for (int i = 0; i < depth; ++i) co_await server.send("a message of forty-eight bytes, and some more....");
    for (int i = 0; i < depth; ++i) {
        auto reply = co_await server.receive();
        REQUIRE(reply);
    }
}

struct count {
    std::size_t allocations, receives, sends, waits, turns;
};

task<count> counted_rounds(int rounds) {
    auto [served, client] = co_await connected();
    auto both = [](scope& all, channel one, channel other, int times, count& made) -> task<> {
        all.spawn(echo(std::move(one)));
        for (int i = 0; i < 20; ++i) co_await round(other);  // afterwards all buffers have grown
        const count before{allocations, receives, sends, waits, loop::current().turns()};
        for (int i = 0; i < times; ++i) co_await round(other);
        made = {allocations - before.allocations, receives - before.receives, sends - before.sends,
                waits - before.waits, loop::current().turns() - before.turns};
    };
    count made{};
    auto done = co_await in_scope(+both, std::move(served), std::move(client), rounds, std::ref(made));
    CHECK(done);
    co_return made;
}

}  // namespace

task<> once(channel& served, channel& client) {
    co_await client.send("there");
    auto there = co_await served.receive();
    REQUIRE(there);
    co_await served.send("back");
    auto back = co_await client.receive();
    REQUIRE(back);
    // Both ends wait for another message now.
    auto nothing = co_await served.receive(loop::current().now() + 1ms);
    auto nothing_either = co_await client.receive(loop::current().now() + 1ms);
    CHECK(nothing == errc::timed_out);
    CHECK(nothing_either == errc::timed_out);
}

TEST_CASE(
    "receiving and sending a message allocates nothing, and a turn of many messages needs one receive and one send "
    "for each connection") {
    constexpr int rounds = 500;
    this_backend = &plain;
    loop here(plain.make(0));
    const count made = here.run(counted_rounds(rounds));
    MESSAGE("allocations ", made.allocations, ", receives ", made.receives, ", sends ", made.sends, ", waits ",
            made.waits, " for ", rounds, " rounds of ", depth, " messages on two connections");
    if (!isolates) CHECK(made.allocations == 0);
    CHECK(made.receives <= 2 * rounds + 10);
    CHECK(made.sends <= 2 * rounds + 10);
    CHECK(made.waits <= 3 * rounds);
}

TEST_CASE("on io_uring a turn makes one system call, whatever it sends and receives") {
    constexpr int rounds = 500;
    this_backend = &ring;
    loop here(ring.make(0));
    const count made = here.run(counted_rounds(rounds));
    MESSAGE("allocations ", made.allocations, ", enters ", made.waits, " in ", made.turns, " turns for ", rounds,
            " rounds of ", depth, " messages on two connections");
    if (!isolates) CHECK(made.allocations == 0);
    CHECK(made.receives + made.sends == 0);
    CHECK(made.waits == made.turns);
    CHECK(made.turns <= 4 * rounds);
}

TEST_CASE("through TLS a message needs no allocation of weir, and a turn of many messages makes one send") {
    constexpr int rounds = 500;
    for (const auto& each : tested_backends) {
        if (each.by != transform::tls || each.seeds != 1) continue;
        this_backend = &each;
        loop here(each.make(0));
        const count made = here.run(counted_rounds(rounds));
        MESSAGE(each.name, ": allocations ", made.allocations, ", receives ", made.receives, ", sends ", made.sends,
                ", waits ", made.waits, " for ", rounds, " rounds of ", depth, " messages on two connections");
        if (!isolates) CHECK(made.allocations == 0);
        CHECK(made.sends <= 2 * rounds + 10);
        CHECK(made.waits <= 4 * rounds);
    }
}

namespace {

// Connects, sends a line, and waits for its echo.
task<> ask_once(weir::socket& client, const address& where) {
    client = *weir::socket::open(weir::socket::ipv4, weir::socket::stream);
    REQUIRE(client.connect(where));
    REQUIRE(client.send_all("hello\n"));
    for (int i = 0; i < 1000; ++i) {
        co_await sleep(1ms);
        if (client.receive(16, deadline(time_point::min()))) co_return;
    }
    FAIL("a server does not answer");
}

task<> fill(scope& all, server& one) {
    // bench/README.md, P7, accounts for every byte.
    constexpr std::size_t most_bytes = 648;
    constexpr std::size_t some = 100;
    all.spawn(one.run(echo));
    std::vector<weir::socket> clients(2 * some);
    std::size_t before = 0;
    for (std::size_t i = 0; i < clients.size(); ++i) {
        if (i == some) before = living_bytes;
        co_await ask_once(clients[i], one.local_address());
    }
    const std::size_t each = (living_bytes - before) / some;
    MESSAGE("an idle connection takes ", each, " bytes");  // the second backend reuses coroutine frames
    CHECK(each > sizeof(internal::channel_core));
    if (!isolates) CHECK(each <= most_bytes);
    clients.clear();
    one.stop();
}

}  // namespace

TEST_CASE("an idle connection of a server uses no more than its documented number of bytes") {
    auto idle = []() -> task<> {
        auto serving = server::listen("127.0.0.1:0", framing::lines());
        REQUIRE(serving);
        auto done = co_await in_scope(&fill, std::ref(*serving));
        CHECK(done);
    };
    for (const tested_backend* const one : {&plain, &ring}) {
        this_backend = one;
        loop here(one->make(0));
        here.run(idle());
    }
}

TEST_CASE("an idle connection owns no buffer") {
    auto idle = []() -> task<> {
        auto [served, client] = co_await connected();
        co_await once(served, client);
        CHECK(served.held_bytes() == 0);
        CHECK(client.held_bytes() == 0);
    };
    for (const tested_backend* const one : {&plain, &ring}) {
        this_backend = one;
        loop here(one->make(0));
        here.run(idle());
    }
}

namespace {

// Receives a part of a message of 2^58 bytes: the announced size does not increase the memory for the received bytes.
task<> announced() {
    constexpr std::size_t piece = 256 * 1024;
    auto [served, client] = co_await connected(*framing::parse("len64,max=none"));
    loop::current().budget().limit(std::nullopt);
    client.switch_framing(framing::chunks().max(2 * piece));
    auto both = [](scope& all, channel& to, channel& from) -> task<> {
        auto sends = [](channel& by) -> task<> {
            const std::string head("\x04\0\0\0\0\0\0\0", 8);
            co_await by.send(head);
            const std::string more(piece, 'x');
            for (int i = 0; i < 64; ++i) co_await by.send(more);
            by.shutdown_send();
        };
        all.spawn(sends(to));
        const std::size_t before = allocations;
        auto never = co_await from.receive();
        CHECK(never == errc::truncated);
        const std::size_t made = allocations - before;
        MESSAGE(made, " allocations for ", from.stats().bytes_received, " bytes");
        CHECK(from.stats().bytes_received == 8 + 64 * piece);
        CHECK(made < 150);
    };
    auto done = co_await in_scope(
        +[](scope& all, channel& to, channel& from, decltype(both)& run) -> task<> { co_await run(all, to, from); },
        std::ref(client), std::ref(served), std::ref(both));
    CHECK(done);
}

}  // namespace

TEST_CASE("a message that is announced as larger than all memory is received like any large message") {
    for (const tested_backend* const one : {&plain, &ring}) {
        this_backend = one;
        loop here(one->make(0));
        here.run(announced());
    }
}
namespace {

// Sends one payload to 100 channels. Counts the allocations, the sends, and the bytes by which the queues grow.
task<> fanned_out(std::size_t size) {
    constexpr std::size_t members = 100;
    std::vector<std::pair<channel, channel>> all;
    for (std::size_t i = 0; i < members; ++i) all.push_back(co_await connected(framing::len32()));
    const std::string text(size, 'x');
    std::size_t made = 0;
    std::size_t calls = 0;
    std::size_t grown = 0;
    constexpr std::size_t warming = 40;  // each stream allocates a list when bytes first arrive before a receive
    constexpr std::size_t rounds = 10;
    for (std::size_t round = 0; round < warming + rounds; ++round) {
        const shared_payload news(text);
        const std::size_t allocated = allocations;
        const std::size_t living = living_bytes;
        const std::size_t sent = sends;
        for (auto& each : all) co_await each.first.send(news);
        const std::size_t queued = living_bytes;
        for (auto& each : all) {
            auto got = co_await each.second.receive();
            REQUIRE(got);
            REQUIRE(got->size() == size);
        }
        if (round < warming) continue;
        made += allocations - allocated;
        calls += sends - sent;
        grown = std::max(grown, queued > living ? queued - living : 0);
    }
    const bool is_shared = size >= shared_payload::least_shared_bytes;
    MESSAGE(size, " bytes to ", members, " channels: ", made, " allocations and ", calls, " sends in ", rounds,
            " rounds; the queues grow by ", grown, " bytes");
    if (isolates) co_return;
    // A shared payload allocates its encoded form once: framing, header and list entry.
    CHECK(made <= (is_shared ? rounds * 4 : 0));
    CHECK(grown < (is_shared ? 4096 : members * 4096));
    if (this_backend == &plain) CHECK(calls == rounds * members);
}

}  // namespace

TEST_CASE(
    "a fan-out copies a small payload into each queue and refers to a large one, without an allocation for each") {
    for (const tested_backend* const one : {&plain, &ring}) {
        for (const std::size_t size : {std::size_t{64}, std::size_t{64} << 10}) {
            this_backend = one;
            loop here(one->make(0));
            here.run(fanned_out(size));
        }
    }
}
