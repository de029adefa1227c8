// TLS in simulated networks. Two runs with the same seed have the same plain bytes and close reasons. If the random
// numbers of OpenSSL are replaced, the bytes on the wire are the same, too.
#include <doctest/doctest.h>
#include <openssl/rand.h>

#include <algorithm>
#include <ctime>
#include <string>
#include <utility>

#include "weir/base/internal/random.h"
#include "weir/sim/network.h"
#include "weir/tls/tls.h"
#include "weir/weir.h"

using namespace weir;
using namespace std::chrono_literals;

namespace {

task<> echo(channel client) {
    while (auto message = co_await client.receive()) {
        if (auto sent = co_await client.send(*message); !sent) break;
    }
}

struct sides {
    std::shared_ptr<const wrapper> client, server;
};
// Makes both sides. Each run makes new sides, so that it cannot resume a session of another run.
sides make_sides(const tls::certificate& own) {
    auto serves = tls::server::make(tls::server_options(own));
    REQUIRE(serves);
    tls::client_options how;
    how.pins.push_back(own.pin());
    return {tls::client(how), *serves};
}

task<> ask(std::string where, std::shared_ptr<const wrapper> side, std::string& seen) {
    for (int connection = 0; connection < 2; ++connection) {
        task<result<channel>> connecting = connect(where, side, framing::lines(), {}, loop::current().now() + 60s);
        auto client = co_await std::move(connecting);
        if (!client) {
            seen += "(" + client.error().message() + ")";
            continue;
        }
        for (int i = 0; i < 5; ++i) {
            const std::string text(static_cast<std::size_t>(i) * 3000, 'x');
            auto sent = co_await client->send(text);
            auto answer = co_await client->receive();
            seen += std::to_string(sent && answer ? answer->size() : 0) + " ";
        }
        client->shutdown_send();
        auto end = co_await client->receive();
        seen += client->close_reason().message() + ";";
    }
}

task<> serve_and_ask(sides both, std::string& seen) {
    server_options how;
    how.wrappers = both.server;
    auto opened = server::listen("127.0.0.1:0", framing::lines(), std::move(how));
    REQUIRE(opened);
    auto all = [](scope& children, server& serving, std::shared_ptr<const wrapper> side, std::string& saw) -> task<> {
        children.spawn(serving.run(&echo));
        task<> asking = ask(serving.local_address().to_string(), std::move(side), saw);
        co_await std::move(asking);
        serving.stop();
    };
    task<result<void>> whole = in_scope(+all, std::ref(*opened), both.client, std::ref(seen));
    auto done = co_await std::move(whole);
    CHECK(done);
}

struct run_of_seed {
    std::string seen;
    std::uint64_t trace;
    friend bool operator==(const run_of_seed&, const run_of_seed&) = default;
};
run_of_seed run_with(std::uint64_t seed, const tls::certificate& own) {
    auto network = std::make_unique<sim::network>(choices::random(seed));
    const sim::network& watched = *network;
    loop here(std::move(network));
    run_of_seed made{};
    here.run(serve_and_ask(make_sides(own), made.seen));
    made.trace = watched.trace_hash();
    return made;
}

std::uint64_t next_random = 0;
int predictable(unsigned char* into, int size) {
    for (int i = 0; i < size; ++i) {
        next_random = next_random * 6364136223846793005u + 1442695040888963407u;
        into[i] = static_cast<unsigned char>(next_random >> 56);
    }
    return 1;
}
int ready() { return 1; }

}  // namespace

TEST_CASE("a seed gives the same plain bytes and close reasons over TLS") {
    const auto own = tls::certificate::self_signed({"localhost"});
    REQUIRE(own);
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        CAPTURE(seed);
        const run_of_seed once = run_with(seed, *own);
        CHECK(once.seen == run_with(seed, *own).seen);
        CHECK(once.seen.find("closed by the peer") != std::string::npos);
    }
}

// The functions that replace the random numbers are deprecated since OpenSSL 3.0, but they work.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

TEST_CASE("if the random numbers of OpenSSL are replaced, a seed gives the same bytes on the wire") {
    const auto own = tls::certificate::self_signed({"localhost"});
    REQUIRE(own);
    const RAND_METHOD replaced{nullptr, &predictable, nullptr, nullptr, &predictable, &ready};
    const RAND_METHOD* const before = RAND_get_rand_method();
    RAND_set_rand_method(&replaced);
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        CAPTURE(seed);
        for (int tries = 0; tries < 5; ++tries) {
            const std::time_t began = std::time(nullptr);
            next_random = seed;
            const run_of_seed once = run_with(seed, *own);
            next_random = seed;
            const run_of_seed again = run_with(seed, *own);
            if (std::time(nullptr) != began) continue;  // a ticket contains the time in seconds
            CHECK(once == again);
            break;
        }
    }
    RAND_set_rand_method(before);
}
