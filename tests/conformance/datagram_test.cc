// Datagrams are the same in every world.
#include "tests/conformance/worlds.h"

using namespace weir_test;

namespace {

task<> there_and_back() {
    auto served = datagram_channel::bind(*address::parse("127.0.0.1:0"));
    REQUIRE(served);
    auto client = datagram_channel::connect(served->local_address());
    REQUIRE(client);
    // Boundaries are kept, an empty one too. In the simulated network they may overtake each other: one at a time.
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
    // A receive that is late or cancelled loses nothing.
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

}  // namespace

TEST_CASE("datagrams keep their boundaries and say from where they came") { in_each_world(there_and_back); }
TEST_CASE("a datagram that is too large is refused, and so is an address that is taken") { in_each_world(too_large); }
