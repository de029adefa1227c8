// Datagrams behave the same on every backend.
#include "tests/conformance/backends.h"

using namespace weir_test;

namespace {

task<> there_and_back() {
    auto served = datagram_channel::bind(*address::parse("127.0.0.1:0"));
    REQUIRE(served);
    auto client = datagram_channel::connect(served->local_address());
    REQUIRE(client);
    // All datagrams keep their boundaries, including empty ones. They are sent one at a time, because the simulated
    // network may reorder datagrams.
    for (const auto& words : {std::string("one"), std::string(), std::string(5000, 'x')}) {
        auto sent = co_await client->send(words);
        CHECK(sent);
        auto came = co_await served->receive(loop::current().now() + 5s);
        REQUIRE(came);
        CHECK(came->text() == words);
        CHECK(came->full_size() == words.size());
        co_await served->send_to(*came, came->from());
        auto back = co_await client->receive(loop::current().now() + 5s);
        REQUIRE(back);
        CHECK(back->text() == words);
    }
    // A receive that times out loses nothing.
    auto late = co_await served->receive(loop::current().now() + 10ms);
    CHECK(late == errc::timed_out);
    co_await client->send("later");
    auto came = co_await served->receive(loop::current().now() + 5s);
    REQUIRE(came);
    CHECK(came->text() == "later");
}

task<> too_large() {
    auto one = datagram_channel::bind(*address::parse("127.0.0.1:0"));
    REQUIRE(one);
    auto sent = co_await one->send_to(std::string(70'000, 'x'), one->local_address());
    CHECK(sent == errc::too_large);
    auto twice = datagram_channel::bind(one->local_address());
    CHECK(twice == errc::in_use);
}

// A task that can always send or receive still lets other tasks run.
task<> busy() {
    auto served = datagram_channel::bind(*address::parse("127.0.0.1:0"));
    REQUIRE(served);
    auto client = datagram_channel::connect(served->local_address());
    REQUIRE(client);
    const std::uint64_t before = loop::current().turns();
    for (int i = 0; i < 10'000; ++i) {
        auto sent = co_await client->send("x");
        REQUIRE(sent);
    }
    CHECK(loop::current().turns() - before >= 30);
    const std::uint64_t between = loop::current().turns();
    std::uint64_t received = 0;  // ends as the number of datagrams that the receive buffer holds
    while (received < 10'000) {
        auto came = co_await served->receive(loop::current().now() + 100ms);
        if (!came) break;
        ++received;
    }
    CHECK(received > 0);
    CHECK(loop::current().turns() - between >= received / internal::datagram_core::most_datagrams_a_turn);
}

task<> send_one(datagram_channel& from, std::string text, int& done) {
    auto sent = co_await from.send(text);
    CHECK(sent);
    ++done;
}

// Many tasks send at once, and their datagrams together do not fit in the socket's buffer. Each send succeeds; none
// returns would_block.
task<> many_senders() {
    auto served = datagram_channel::bind(*address::parse("127.0.0.1:0"));
    REQUIRE(served);
    auto client = datagram_channel::connect(served->local_address());
    REQUIRE(client);
    int done = 0;
    auto run = [](scope& children, datagram_channel& from, int& count) -> task<> {
        for (int i = 0; i < 600; ++i) children.spawn(send_one(from, std::string(20'000, 'x'), count));
        co_return;
    };
    auto ended = co_await in_scope(+run, std::ref(*client), std::ref(done));
    CHECK(ended);
    CHECK(done == 600);
}

}  // namespace

TEST_CASE("an endless series of datagrams lets other tasks run") { on_each_backend(busy); }
TEST_CASE("many senders of datagrams each have their turn") { on_each_backend(many_senders); }
TEST_CASE("datagrams keep their boundaries and have the address of their sender") { on_each_backend(there_and_back); }
TEST_CASE("a datagram that is too large is refused, and so is an address in use") { on_each_backend(too_large); }
