// Large messages between small ones, in every world: they come as they were sent, and nothing of their memory stays with who waits.
#include <string>

#include "tests/conformance/worlds.h"

using namespace weir_test;

namespace {

// At the borders of blocks, of what is read straight to its place, and of both sides' buffers.
constexpr std::size_t sizes[] = {1,       70'000,  70'000,    70'001,  3,         16'384,  65'535,  65'536,  65'537,
                                 262'139, 262'144, 1'048'576, 262'148, 1'048'576, 900'000, 100'000, 120'000, 5};

std::string content(std::size_t turn) {
    std::string made(sizes[turn % std::size(sizes)], 'e');
    for (std::size_t i = 0; i < made.size(); ++i) made[i] = static_cast<char>('e' + (i + i / 251 + turn) % 26);
    return made;
}

task<> send_all(channel_writer& to, std::size_t count) {
    for (std::size_t turn = 0; turn < count; ++turn) {
        const std::string one = content(turn);
        auto done = co_await to.send(one);
        REQUIRE(done);
    }
}

task<> answer(channel client) {
    while (auto message = co_await client.receive()) {
        auto done = co_await client.send(*message);
        REQUIRE(done);
    }
    CHECK(client.ending() == errc::closed);
}

// All at once, or each when the one before has come back.
task<> converse(scope& all, channel served, channel_reader from, channel_writer to, bool at_once) {
    const std::size_t count = this_world->seeds == 1 ? 5 * std::size(sizes) : std::size(sizes);
    all.spawn(answer(std::move(served)));
    if (at_once) all.spawn(send_all(to, count));
    for (std::size_t turn = 0; turn < count; ++turn) {
        const std::string one = content(turn);
        if (!at_once) {
            auto done = co_await to.send(one);
            REQUIRE(done);
        }
        auto message = co_await from.receive();
        REQUIRE(message);
        if (message->text() != one) FAIL("message " << turn << " is another");
    }
    auto nothing = co_await from.receive(loop::current().now() + 1ms);
    CHECK(nothing == errc::timed_out);
    CHECK(loop::current().budget().held_bytes() <= 4 * channel_core::kept_bytes);  // a decoder has two buffers
    to.shutdown_send();
}

task<> there_and_back(const char* described) {
    for (const bool at_once : {false, true}) {
        CAPTURE(at_once);
        auto [served, client] = co_await connected(*framing::parse(described));
        auto [reads, writes] = std::move(client).split();
        auto done = co_await in_scope(&converse, std::move(served), std::move(reads), std::move(writes), bool(at_once));
        CHECK(done);
    }
}

void in_worlds(const char* described) {
    in_each_world([&] { return there_and_back(described); }, 3);
}

}  // namespace

TEST_CASE("large messages with a length in front come as they were sent") { in_worlds("len32"); }
TEST_CASE("large lines come as they were sent") { in_worlds("lines"); }
TEST_CASE("large messages that are stuffed come as they were sent") {
    in_worlds("delimited:7e,escape=7d01:7d/7d02:7e");
}
