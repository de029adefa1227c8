// Programs on the simulated network, written as for the real one: a server, its clients, and channels between them.
#include <doctest/doctest.h>

#include <set>

#include "weir/base/choices.h"
#include "weir/coroutine/run.h"
#include "weir/coroutine/scope.h"
#include "weir/coroutine/sleep.h"
#include "weir/coroutine/when.h"
#include "weir/framing/framing.h"
#include "weir/service/connect.h"
#include "weir/service/server.h"
#include "weir/sim/network.h"

using namespace std::chrono_literals;
using weir::choices;
using weir::task;
using weir::sim::network;

namespace {

constexpr int clients = 8, rounds = 5;

// Runs the task in a simulated network. Returns its result, and the hash of the trace.
template <class T>
std::pair<T, std::uint64_t> run_in(choices draw, weir::sim::network_options how, task<T> (*main)(network&)) {
    auto net = std::make_unique<network>(std::move(draw), std::move(how));
    network& seen = *net;
    weir::loop here(std::move(net));
    T gave = here.run(main(seen));
    CHECK(seen.open_descriptors() == 0);
    return {std::move(gave), seen.trace_hash()};
}

task<> echo(weir::channel client) {
    while (auto message = co_await client.receive()) co_await client.send(*message);
}

// Sends messages, and counts the correct echoes.
task<> talk(std::string where, int number, int* good) {
    auto connected = co_await weir::connect(where, weir::framing::lines());
    if (!connected) co_return;
    static_cast<void>(co_await weir::sleep(number * 3ms));
    for (int i = 0; i < rounds; ++i) {
        const std::string content(static_cast<std::size_t>(1 + number * 997 * i), static_cast<char>('a' + i));
        co_await connected->send(content);
        auto answer = co_await connected->receive();
        if (answer && answer->text() == content) ++*good;
    }
}

task<> all_talk(weir::scope& children, std::string where, int* good) {
    for (int i = 0; i < clients; ++i) children.spawn(talk(where, i, good));
    co_return;
}

task<> talk_and_stop(weir::server* server, std::string where, int* good) {
    static_cast<void>(co_await weir::in_scope(all_talk, where, good));
    server->stop();
}

task<int> serve_and_talk(network&) {
    int good = 0;
    const std::string where = "localhost:9000";
    auto server = weir::server::listen("localhost:9000", weir::framing::lines());
    if (!server) co_return -1;
    task<> served = server->run(echo);
    task<> talked = talk_and_stop(&*server, where, &good);
    static_cast<void>(co_await weir::when_all(std::move(served), std::move(talked)));
    co_return good;
}

}  // namespace

TEST_CASE("a server and its clients are tasks of one loop, and each message comes back") {
    std::set<std::uint64_t> hashes;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        CAPTURE(seed);
        const auto [good, hash] = run_in(choices::random(seed), {}, serve_and_talk);
        CHECK(good == clients * rounds);
        hashes.insert(hash);
        if (seed < 10) CHECK(run_in(choices::random(seed), {}, serve_and_talk).second == hash);
    }
    CHECK(hashes.size() == 100);
}

// ./check compares the printed line between its builds: a seed gives the same run with each compiler and optimisation.
TEST_CASE("a seed gives the same run in every build") {
    weir::sim::network_options how;
    how.reset_one_in = 40;
    std::string traces;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        traces += ' ' + std::to_string(run_in(choices::random(seed), how, serve_and_talk).second);
    }
    MESSAGE("traces of twenty seeds:" << traces);
}

TEST_CASE("a program ends although connections are reset at random") {
    weir::sim::network_options how;
    how.reset_one_in = 20;
    int all_good = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        CAPTURE(seed);
        const auto [good, hash] = run_in(choices::random(seed), how, serve_and_talk);
        CHECK(good <= clients * rounds);
        all_good += good;
    }
    CHECK(all_good > 0);
    CHECK(all_good < 100 * clients * rounds);
}

namespace {

task<std::string> connect_elsewhere(network& net) {
    net.partition(*weir::address::parse("10.0.0.1:0"), *weir::address::parse("10.0.0.66:0"));
    const auto begun = weir::loop::current().now();
    const auto no_host = co_await weir::connect("10.0.0.66:1", weir::framing::lines(), {}, begun + 5s);
    const auto unknown = co_await weir::connect("nobody.example:1", weir::framing::lines());
    const auto refused = co_await weir::connect("localhost:1", weir::framing::lines());
    CHECK(weir::loop::current().now() - begun < 6s);
    std::string codes;
    for (const auto* one : {&no_host, &unknown, &refused}) {
        CHECK_FALSE(*one);
        codes += std::to_string(static_cast<int>(one->error().code())) + " ";
    }
    co_return codes;
}

}  // namespace

TEST_CASE("connects to a partitioned host, an unknown name and a free port fail in virtual time") {
    const auto code = [](weir::errc one) { return std::to_string(static_cast<int>(one)) + " "; };
    const std::string expected = code(weir::errc::timed_out) + code(weir::errc::not_found) + code(weir::errc::refused);
    for (std::uint64_t seed = 0; seed < 20; ++seed)
        CHECK(run_in(choices::random(seed), {}, connect_elsewhere).first == expected);
}
