// A ledger of all messages of a service. Each message of a client is delivered, fails with a reason, or is never sent.
// None is lost, split, doubled or out of order, whatever the network does.
#include "tests/conformance/backends.h"
#include "weir/base/internal/random.h"

using namespace weir_test;

namespace {

task<> echo(channel client) {
    while (auto message = co_await client.receive()) {
        co_await client.send(*message);
    }
}

struct ledger {
    std::uint64_t connected = 0;
    std::uint64_t refused = 0;  // clients that could not connect
    std::uint64_t sent = 0;
    std::uint64_t delivered = 0;  // messages whose echo arrived
    std::uint64_t failed = 0;     // messages whose connection ended with a reason before the echo
    std::uint64_t wrong = 0;
};

std::string words_of(std::uint64_t client, std::uint64_t number, std::uint64_t length) {
    return std::to_string(client) + "." + std::to_string(number) + std::string(length, ' ');
}

// The messages that were sent on one connection, and the number of their echoes.
struct account {
    std::vector<std::string> asked;
    std::size_t answered = 0;
};

task<> receive_answers(channel_reader from, account& of, ledger& all) {
    for (;;) {
        auto message = co_await from.receive();
        if (!message) break;
        if (of.answered == of.asked.size() || message->text() != of.asked[of.answered]) ++all.wrong;
        ++of.answered;
    }
    // Every message without an echo has failed, so the close reason must be an error.
    if (of.answered != of.asked.size() && from.close_reason() == errc::closed) ++all.wrong;
    if (from.close_reason() == errc::none) ++all.wrong;
}

task<> one_client(std::string where, std::uint64_t number, std::uint64_t seed, ledger& all) {
    internal::random_source draw(seed * 100 + number);
    auto connected = co_await connect(where, framing::lines());
    if (!connected) {  // the messages of this client are never sent
        ++all.refused;
        co_return;
    }
    ++all.connected;
    account mine;
    auto talks = [](scope& both, channel server, account& of, std::uint64_t client, internal::random_source random,
                    ledger& counts) -> task<> {
        auto [reads, writes] = std::move(server).split();
        both.spawn(receive_answers(std::move(reads), of, counts));
        const std::uint64_t messages = random.between(1, 12);
        for (std::uint64_t i = 0; i < messages; ++i) {
            const std::string words = words_of(client, i, random.below(4) == 0 ? random.below(3000) : random.below(30));
            of.asked.push_back(words);
            auto sent = co_await writes.send(words);
            if (!sent) {
                of.asked.pop_back();
                break;
            }
            ++counts.sent;
            if (random.one_in(3)) co_await sleep(std::chrono::milliseconds(random.below(20)));
        }
        writes.shutdown_send();
    };
    auto done = co_await in_scope(+talks, std::move(*connected), std::ref(mine), number, draw, std::ref(all));
    if (!done) ++all.wrong;
    all.delivered += mine.answered;
    all.failed += mine.asked.size() - mine.answered;
}

// Checks that the counters of the server and of the clients agree with the ledger.
void check_counters(const ledger& all, const server_stats& served, const client_stats& clients) {
    CHECK(clients.opened == all.connected);
    CHECK(clients.not_connected == all.refused);
    CHECK(clients.open == 0);
    CHECK(clients.all_ended() == all.connected);
    CHECK(clients.messages.messages_sent == all.sent);
    CHECK(clients.messages.messages_received == all.delivered);
    CHECK(clients.held_bytes == 0);
    CHECK(clients.queued_bytes == 0);
    CHECK(served.open == 0);
    CHECK(served.accepted <= all.connected);
    CHECK(served.all_ended() == served.accepted);
    CHECK(served.messages.messages_received >= served.messages.messages_sent);
    CHECK(served.messages.messages_sent >= all.delivered);
    CHECK(served.messages.messages_received <= all.sent);
    CHECK(served.messages.bytes_received <= clients.messages.bytes_sent);
    CHECK(served.held_bytes == 0);
    CHECK(served.queued_bytes == 0);
    if (all.failed != 0) return;
    CHECK(served.messages.messages_sent == all.sent);
    CHECK(served.messages.bytes_received == clients.messages.bytes_sent);
    CHECK(served.messages.bytes_sent == clients.messages.bytes_received);
}

task<ledger> service(std::uint64_t seed) {
    ledger all;
    const live_client_stats clients_live = live_client_stats::of_this_loop();
    auto opened = server::listen("127.0.0.1:0", framing::lines());
    REQUIRE(opened);
    auto run = [](scope& children, server& served, std::uint64_t drawn, ledger& counts) -> task<> {
        children.spawn(served.run(&echo));
        auto clients = [](scope& many, std::string where, std::uint64_t from, ledger& to) -> task<> {
            for (std::uint64_t i = 0; i < 4; ++i) many.spawn(one_client(where, i, from, to));
            co_return;
        };
        auto ended = co_await in_scope(+clients, served.local_address().to_string(), drawn, std::ref(counts));
        if (!ended) ++counts.wrong;
        served.stop();
    };
    auto done = co_await in_scope(+run, std::ref(*opened), seed, std::ref(all));
    if (!done) ++all.wrong;
    for (int i = 0; i < 5000 && clients_live.now().open != 0; ++i) co_await sleep(1ms);  // closed connections linger
    check_counters(all, opened->stats(), clients_live.now());
    co_return all;
}

std::uint64_t seeds() {
    const char* const said = std::getenv("LEDGER_SEEDS");
    return said == nullptr ? 300 : std::stoull(said);
}

}  // namespace

TEST_CASE("the fate of every message is known, whatever the network does") {
    ledger sum;
    for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
        sim::network_options faulty;
        if (seed % 3 == 0) faulty.reset_one_in = 40;
        if (seed % 2 == 0) faulty.send_buffer_bytes = faulty.receive_buffer_bytes = 1 + seed % 700;
        std::uint64_t hashes[2] = {};
        ledger made;
        for (auto& hash : hashes) {
            if (&hash != &hashes[0] && seed % 16 != 0) break;  // run some seeds twice: both runs must be the same
            auto simulated_network = std::make_unique<sim::network>(choices::random(seed), faulty);
            sim::network& net = *simulated_network;
            loop here(std::move(simulated_network));
            made = here.run(service(seed));
            hash = net.trace_hash();
        }
        if (seed % 16 == 0) CHECK(hashes[0] == hashes[1]);
        CAPTURE(seed);
        REQUIRE(made.wrong == 0);
        REQUIRE(made.sent == made.delivered + made.failed);
        if (seed % 3 != 0) REQUIRE(made.failed == 0);
        sum.sent += made.sent;
        sum.delivered += made.delivered;
        sum.failed += made.failed;
    }
    MESSAGE(seeds(), " seeds: ", sum.sent, " sent, ", sum.delivered, " delivered, ", sum.failed,
            " failed with a reason, 0 unknown");
    CHECK(sum.failed > 0);
    loop here(system_backend());
    const ledger real = here.run(service(1));
    CHECK(real.wrong == 0);
    CHECK(real.sent == real.delivered);
}

namespace {

// Sends one message and receives its echo.
task<std::string> small_dialogue() {
    auto [served, client] = co_await connected();
    auto both = [](scope& all, channel one, channel other, std::string& said) -> task<> {
        all.spawn(echo(std::move(one)));
        co_await other.send("a");
        other.shutdown_send();
        for (;;) {
            auto message = co_await other.receive();
            if (!message) break;
            said += '<';
            said += message->text();
            said += '>';
        }
        said += to_string(other.close_reason().code());
    };
    std::string said;
    auto done = co_await in_scope(+both, std::move(served), std::move(client), std::ref(said));
    CHECK(done);
    co_return said;
}

}  // namespace

TEST_CASE("a small dialogue has the same result for every choice of the simulated network") {
    this_backend = &tested_backends[0];  // a backend without transform
    sim::network_options quick;
    quick.delay_steps = 1;
    choices draw = choices::replay({});
    std::size_t rows = 0;
    do {
        auto simulated_network = std::make_unique<sim::network>(draw, quick);
        sim::network& net = *simulated_network;
        loop here(std::move(simulated_network));
        const std::string said = here.run(small_dialogue());
        draw = net.drawn();
        ++rows;
        if (said != "<a>closed by the peer") FAIL("row " << choices::say(draw.row()) << " says " << said);
    } while (draw.next_row() && rows < 2'000'000);
    MESSAGE(rows, " rows of choices, all there are");
    CHECK(rows < 2'000'000);
    CHECK(rows > 100);
}
