// Large messages between small ones, on every backend. They arrive as they were sent, and a channel that waits for the
// next message keeps almost none of their memory.
#include <string>

#include "tests/conformance/backends.h"

using namespace weir_test;

namespace {

// Sizes near three thresholds of weir: the size of a block, the least size that is read directly into the message, and
// the size of the buffers of both sides.
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
    CHECK(client.close_reason() == errc::closed);
}

// Sends all messages at once, or each message after the echo of the previous one.
task<> converse(scope& all, channel served, channel_reader from, channel_writer to, bool at_once) {
    const std::size_t count = this_backend->seeds == 1 ? 5 * std::size(sizes) : std::size(sizes);
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
    CHECK(loop::current().budget().held_bytes() <=
          4 * internal::channel_receiver::kept_bytes);  // a decoder has two buffers
    to.shutdown_send();
}

task<> hand_over_all(channel_writer& to) {
    for (std::size_t turn = 0; turn < std::size(sizes); ++turn) {
        buffer one;
        one.append(content(turn));
        auto done = co_await to.send(std::move(one));
        REQUIRE(done);
        if (turn % 3 != 0) continue;
        auto between = co_await to.send("between");
        REQUIRE(between);
    }
}

task<> converse_handing_over(scope& all, channel served, channel_reader from, channel_writer to) {
    all.spawn(answer(std::move(served)));
    all.spawn(hand_over_all(to));
    for (std::size_t turn = 0; turn < std::size(sizes); ++turn) {
        auto message = co_await from.receive();
        REQUIRE(message);
        if (message->text() != content(turn)) FAIL("message " << turn << " is another");
        if (turn % 3 != 0) continue;
        auto between = co_await from.receive();
        REQUIRE(between);
        CHECK(between->text() == "between");
    }
    to.shutdown_send();
}

task<> handed_over(const char* described) {
    auto [served, client] = co_await connected(*framing::parse(described));
    buffer unfit;
    unfit.append(std::string(3, '\n'));
    if (*framing::parse(described) == framing::lines()) {
        auto refused = co_await client.send(std::move(unfit));
        CHECK(refused == errc::unencodable);
    }
    auto [reads, writes] = std::move(client).split();
    auto done = co_await in_scope(&converse_handing_over, std::move(served), std::move(reads), std::move(writes));
    CHECK(done);
}

task<> half_came() {
    auto [served, client] = co_await connected(framing::lines());
    client.switch_framing(*framing::parse("chunks"));
    CHECK(served.partial_bytes() == 0);
    for (const char* const part : {"whole\nha", "lf"}) {
        auto done = co_await client.send(part);
        REQUIRE(done);
        for (int looks = 0; looks < 5'000; ++looks) {
            auto message = co_await served.receive(loop::current().now() + 1ms);
            if (message) CHECK(message->text() == "whole");
            if (message || served.partial_bytes() == (part[0] == 'w' ? 2u : 4u)) break;
        }
    }
    CHECK(served.partial_bytes() == 4);
    auto done = co_await client.send("\n");
    REQUIRE(done);
    auto message = co_await served.receive();
    REQUIRE(message);
    CHECK(message->text() == "half");
    CHECK(served.partial_bytes() == 0);
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

void with_framing(const char* described) {
    on_each_backend([&] { return there_and_back(described); }, 3);
}

}  // namespace

TEST_CASE("large messages with a length field arrive as they were sent") { with_framing("len32"); }
TEST_CASE("large lines arrive as they were sent") { with_framing("lines"); }
TEST_CASE("large messages with byte stuffing arrive as they were sent") {
    with_framing("delimited:7e,escape=7d01:7d/7d02:7e");
}

TEST_CASE("large messages that are sent without a copy arrive in order, also between others") {
    for (const char* const described :
         {"len32", "lines", "len32le,check=crc32", "delimited:7e,escape=7d01:7d/7d02:7e"}) {
        CAPTURE(described);
        on_each_backend([&] { return handed_over(described); }, 3);
    }
}
TEST_CASE("a channel returns how much of a partial message has arrived") {
    on_each_backend([] { return half_came(); }, 3);
}
