// The share of a server's connections that one source address may have, on one loop and on several.
#include <algorithm>
#include <atomic>
#include <thread>

#include "tests/conformance/backends.h"

using namespace weir_test;

namespace {

task<> echo(channel client) {
    while (auto message = co_await client.receive()) co_await client.send(*message);
}

// Returns whether a new client was served. If so, its connection is kept in `open`.
task<bool> is_served(const std::string& where, std::vector<channel>& open) {
    auto client = co_await connect(where, framing::lines());
    if (!client) co_return false;
    co_await client->send("hello");
    const bool served = static_cast<bool>(co_await client->receive());
    if (served) open.push_back(std::move(*client));
    co_return served;
}

task<> default_share() {
    server_options how;
    how.limits.connections = 100;
    int refused = 0;
    how.log = [&](const server_event& event) {
        if (event.what != server_event::kind::refused) return;
        ++refused;
        CHECK(event.text == "refused: its address has 10 connections, the limit of one source");
    };
    auto made = server::listen("127.0.0.1:0", framing::lines(), how);
    REQUIRE(made);
    auto all = [](scope& children, server& one) -> task<> {
        children.spawn(one.run(&echo));
        const std::string where = one.local_address().to_string();
        std::vector<channel> open;
        for (int i = 0; i < 10; ++i) CHECK(co_await is_served(where, open));
        CHECK_FALSE(co_await is_served(where, open));
        CHECK_FALSE(co_await is_served(where, open));
        open.pop_back();
        while (one.stats().open > 9) co_await sleep(1ms);
        CHECK(co_await is_served(where, open));
        one.stop();
    };
    auto done = co_await in_scope(+all, std::ref(*made));
    CHECK(done);
    CHECK(made->stats().refused == 2);
    CHECK(refused == 2);
}

// Connects fourteen clients from one address.
void come_to(const std::string& where, server_loops& served, std::atomic<int>& replies, std::atomic<int>& resets) {
    std::vector<blocking_channel> clients;
    for (int i = 0; i < 14; ++i) {
        auto connected = connect_to(where);
        REQUIRE(connected);
        blocking_channel client(std::move(*connected), framing::lines());
        const bool sent = static_cast<bool>(client.send("hello"));
        if (sent && client.receive(within(10s))) {
            ++replies;
            clients.push_back(std::move(client));
        } else {
            ++resets;
        }
    }
    served.stop();
}

task<> share_on_several_loops() {
    limits all;
    all.connections = 40;
    std::vector<server_options> loops;
    for (const limits& share : divide_among_loops(all, 4)) {
        loops.emplace_back();
        loops.back().limits = share;
    }
    auto opened = server_loops::listen("127.0.0.1:0", framing::lines(), loops);
    REQUIRE(opened);
    std::atomic<int> replies = 0;
    std::atomic<int> resets = 0;
    std::thread clients(come_to, opened->local_address().to_string(), std::ref(*opened), std::ref(replies),
                        std::ref(resets));
    co_await opened->run(&echo);
    clients.join();
    CHECK(replies == 8);
    CHECK(resets == 6);
    CHECK(opened->stats().accepted == 8);
    CHECK(opened->stats().refused == 6);
}

}  // namespace

TEST_CASE("by default a source may have a tenth of the connections of a server, but at least eight") {
    limits all;
    CHECK(all.connections_of_a_source.of(all.connections) == 1'000);
    CHECK(all.connections_of_a_source.of(200) == 20);
    CHECK(all.connections_of_a_source.of(30) == 8);
    CHECK(all.connections_of_a_source.of(std::nullopt) == 1'000);
    all.connections_of_a_source = 3;
    CHECK(all.connections_of_a_source.of(200) == 3);
    all.connections_of_a_source = std::nullopt;
    CHECK_FALSE(all.connections_of_a_source.of(200));
}

TEST_CASE("connections over the default share of a source are refused until a connection of this source ends") {
    on_each_backend(&default_share, 3);
}

TEST_CASE("limits that are divided among loops add up to the limits of the server") {
    limits all;
    all.connections = 10;
    const std::vector<limits> shares = divide_among_loops(all, 4);
    REQUIRE(shares.size() == 4);
    std::size_t sum = 0;
    for (const limits& one : shares) {
        sum += *one.connections;
        CHECK(one.connections_of_a_source.of(one.connections) == 8);
    }
    CHECK(sum == 10);
    CHECK(divide_among_loops(all, 64).size() == 10);
    CHECK(divide_among_loops(all, 0).size() == 1);
    all.connections.reset();
    CHECK(divide_among_loops(all, 64).size() == 64);
    CHECK_FALSE(divide_among_loops(all, 64)[63].connections);
}

TEST_CASE("the share of a source applies to all loops of a server together") {
    on_each_kernel_backend(&share_on_several_loops);
}
