// A channel is idle while its task waits in receive() and the channel has no other work. An idle channel behaves like
// any other, but uses less memory.
#include <thread>

#include "tests/conformance/backends.h"

using namespace weir_test;

namespace {

// Receives until the end. Returns the messages, each followed by a comma, and the close reason.
task<std::string> hear(channel& from) {
    std::string said;
    while (auto message = co_await from.receive()) said += std::string(message->text()) + ",";
    co_return said + from.close_reason().message();
}

task<> hear_and_keep(channel& from, std::string& said) { said = co_await hear(from); }

task<> rests_between_messages(scope& all, channel& served, channel& client, std::string& said) {
    all.spawn(hear_and_keep(served, said));
    for (const char* const text : {"one", "two", "three"}) {
        co_await until_idle(served);
        CHECK(served.held_bytes() == 0);
        CHECK(served.queued_bytes() == 0);
        CHECK(served.close_reason() == errc::none);
        CHECK(served.failure() == errc::none);
        co_await client.send(text);
    }
    co_await until_idle(served);
    client.shutdown_send();
}

task<> continues_after_idle() {
    auto [served, client] = co_await connected();
    std::string said;
    CHECK(co_await in_scope(&rests_between_messages, std::ref(served), std::ref(client), std::ref(said)));
    CHECK(said.starts_with("one,two,three,"));
    CHECK(served.close_reason() == errc::closed);
    CHECK(served.stats().messages_received == 3);
    CHECK(served.stats().bytes_received == 14);
}

// A channel that expects another large message, holds a partial one, paces, or drains is not idle.
task<> waits_with_half_a_message(scope& all, channel& served, channel& client, std::string& said) {
    all.spawn(hear_and_keep(served, said));
    co_await until_idle(served);
    client.switch_framing(framing::chunks());
    co_await client.send("half");
    for (int i = 0; i < 5000 && served.core().is_idle(); ++i) co_await sleep(1ms);
    co_await sleep(5ms);
    CHECK_FALSE(served.core().is_idle());
    CHECK(served.held_bytes() != 0);
    co_await client.send("\n");
    co_await until_idle(served);
    client.abort();
}

task<> half_a_message() {
    auto [served, client] = co_await connected();
    std::string said;
    CHECK(co_await in_scope(&waits_with_half_a_message, std::ref(served), std::ref(client), std::ref(said)));
    CHECK(said.starts_with("half,"));
}

// The offset of an error counts from the beginning of the stream, however often the channel was idle in between.
task<> breaks_after_a_rest(scope& all, channel& served, channel& client, std::string& said) {
    all.spawn(hear_and_keep(served, said));
    client.switch_framing(framing::chunks());
    for (int i = 0; i < 4; ++i) {
        co_await until_idle(served);
        co_await client.send("12345\n");
    }
    co_await until_idle(served);
    co_await client.send("too long for it\n");
}

task<> error_after_idle() {
    auto [served, client] = co_await connected(*framing::parse("lines,max=8"));
    std::string said;
    CHECK(co_await in_scope(&breaks_after_a_rest, std::ref(served), std::ref(client), std::ref(said)));
    CHECK(said.starts_with("12345,12345,12345,12345,"));
    CHECK(served.close_reason() == errc::too_large);
}

// While a channel is idle, other channels of the loop use its working memory. Each continues with its own messages.
task<> serve_two(scope& all, channel& one, channel& other, std::string& said_of_one, std::string& said_of_other) {
    all.spawn(hear_and_keep(one, said_of_one));
    all.spawn(hear_and_keep(other, said_of_other));
    co_return;
}

task<> shares_its_work() {
    std::vector<channel> there;
    std::vector<channel> here;
    for (int i = 0; i < 2; ++i) {
        auto [first, second] = stream_pair();
        here.emplace_back(std::move(first), framing::len16());
        there.emplace_back(std::move(second), framing::len16());
    }
    std::string said[2];
    auto heard = in_scope(&serve_two, std::ref(here[0]), std::ref(here[1]), std::ref(said[0]), std::ref(said[1]));
    auto speak = [](std::vector<channel>& by, std::vector<channel>& idle) -> task<> {
        for (int i = 0; i < 50; ++i) {
            for (auto& one : idle) co_await until_idle(one);
            co_await by[static_cast<std::size_t>(i % 2)].send(std::to_string(i));
            if (i % 3 == 0) co_await by[static_cast<std::size_t>((i + 1) % 2)].send("x");
        }
        for (auto& one : by) one.shutdown_send();
    };
    auto [done, spoken] = co_await when_all(std::move(heard), speak(there, here));
    static_cast<void>(spoken);
    CHECK(done);
    std::string expected[2];
    for (int i = 0; i < 50; ++i) {
        expected[i % 2] += std::to_string(i) + ",";
        if (i % 3 == 0) expected[(i + 1) % 2] += "x,";
    }
    CHECK(said[0].starts_with(expected[0]));
    CHECK(said[1].starts_with(expected[1]));
    CHECK(here[0].close_reason() == errc::closed);
    CHECK(here[1].close_reason() == errc::closed);
}

// Limits and deadlines apply to an idle channel.
task<> time_passes() {
    channel_limits limits;
    limits.idle = 30ms;
    auto [served, client] = co_await connected(framing::lines(), limits);
    co_await client.send("hello");
    auto first = co_await served.receive();
    REQUIRE(first);
    auto late = co_await served.receive(deadline(loop::current().now() + 5ms));
    CHECK(late == errc::timed_out);
    CHECK(served.close_reason() == errc::none);
    CHECK(co_await hear(served) ==
          "receive " + served.peer().to_string() + ": timed out: no bytes were received or sent within 30ms");
}

// A cancel, an abort, a drain and a half-close reach an idle channel. Messages that another task sends on an idle
// channel arrive.
task<> ends_by(int way) {
    auto [served, client] = co_await connected();
    std::string said;
    auto body = [](scope& all, channel& idle, channel& other, std::string& heard, int how) -> task<> {
        all.spawn(hear_and_keep(idle, heard));
        co_await until_idle(idle);
        switch (how) {
            case 0: all.cancel(); break;
            case 1: idle.abort(); break;
            case 2: idle.core().stop(); break;
            case 3: other.abort(); break;
            case 4: {
                for (int i = 0; i < 3; ++i) {
                    co_await idle.send("news");
                    auto news = co_await other.receive();
                    REQUIRE(news);
                    CHECK(news->text() == "news");
                    co_await until_idle(idle);
                }
                idle.shutdown_send();
                auto end = co_await other.receive();
                CHECK(end == errc::closed);
                other.shutdown_send();
                break;
            }
            default: FAIL("no such way");
        }
    };
    static_cast<void>(co_await in_scope(body, std::ref(served), std::ref(client), std::ref(said), way));
    const errc expected[] = {errc::none, errc::cancelled, errc::cancelled, errc::reset, errc::closed};
    CHECK(served.close_reason() == expected[way]);
    if (way == 4) CHECK(served.failure() == errc::broken_pipe);
}

// Only the time that a task waits counts as idle time. Here a task receives all messages that a turn allows, and is
// then busy for long.
task<> busy_for_long() {
    channel_limits limits;
    limits.idle = 60ms;
    auto [served, client] = co_await connected(framing::lines(), limits);
    constexpr std::uint64_t some_more = internal::channel_receiver::most_messages_a_turn + 6;
    for (std::uint64_t i = 0; i < some_more; ++i) co_await client.send("x");
    co_await client.flush();
    for (std::uint64_t i = 0; i < some_more; ++i) {
        auto next = co_await served.receive();
        REQUIRE(next);
        if (i + 1 == internal::channel_receiver::most_messages_a_turn) std::this_thread::sleep_for(90ms);
    }
    const time_point began = loop::current().now();
    auto none = co_await served.receive();
    CHECK(none == errc::timed_out);
    CHECK(loop::current().now() - began >= 50ms);
}

// Two channels of one loop. Each is idle at times, and then the other one uses the working memory.
struct idle_pair {
    idle_pair() {
        for (int i = 0; i < 2; ++i) {
            auto [first, second] = stream_pair();
            here.emplace_back(std::move(first), framing::lines());
            there.emplace_back(std::move(second), framing::lines());
        }
    }
    std::vector<channel> here, there;
};

task<> uses_what_was_made_before(scope& all, idle_pair& both, std::string& said) {
    channel& one = both.here[0];
    channel& other = both.here[1];
    all.spawn(hear_and_keep(one, said));
    co_await until_idle(one);
    // flush() is called, and references to unset errors are taken, before another channel uses the working memory.
    auto flushing = one.flush();
    const error& ending = one.close_reason();
    const error& failure = one.failure();
    auto receiving = [](channel& from) -> task<> {
        auto message = co_await from.receive();
        REQUIRE(message);
        CHECK(message->text() == "to the other");
    };
    all.spawn(receiving(other));
    co_await until_idle(other);
    co_await both.there[1].send("to the other");
    co_await both.there[1].flush();
    co_await until_idle(one);
    co_await one.send(std::string(200'000, 'x'));
    CHECK(one.queued_bytes() > 0);
    auto drops = [](channel& from) -> task<> {
        auto message = co_await from.receive();
        CHECK(message);
    };
    all.spawn(drops(both.there[0]));
    CHECK(co_await flushing);
    CHECK(one.queued_bytes() == 0);
    other.abort();
    CHECK(ending == errc::none);
    CHECK(failure == errc::none);
    // After a call without effect the channel is still idle, or becomes idle again.
    co_await until_idle(one);
    co_await one.flush();
    CHECK(one.core().is_idle());
    auto refused = co_await one.send("two\nlines");
    CHECK(refused == errc::unencodable);
    co_await until_idle(one);
    one.pace({});
    co_await until_idle(one);
    one.abort();
}

task<> made_before() {
    idle_pair both;
    std::string said;
    static_cast<void>(co_await in_scope(&uses_what_was_made_before, std::ref(both), std::ref(said)));
}

// A deadline applies only to the receive() to which it was passed, whatever is received in between.
task<> deadline_of_its_own() {
    auto [served, client] = co_await connected();
    co_await client.send("hello");
    auto later = served.receive(deadline(loop::current().now() + 20ms));
    auto first = co_await served.receive();
    REQUIRE(first);
    auto late = co_await later;
    CHECK(late == errc::timed_out);
}

}  // namespace

TEST_CASE("a channel that waits is idle, and continues with the next message") {
    on_each_backend(continues_after_idle);
}
TEST_CASE("a channel with half a message is not idle") { on_each_backend(half_a_message); }
TEST_CASE("an error has the same offset after the channel was idle") { on_each_backend(error_after_idle); }
TEST_CASE("channels share working memory, each with its own messages") { on_each_backend(shares_its_work); }
TEST_CASE("limits and deadlines apply to an idle channel") { on_each_backend(time_passes); }
TEST_CASE("whatever ends a channel reaches it while it is idle") {
    for (int way = 0; way < 5; ++way) {
        CAPTURE(way);
        on_each_backend([way] { return ends_by(way); });
    }
}
TEST_CASE("the time in which a program is busy is not idle time") { on_each_kernel_backend(busy_for_long); }
TEST_CASE("awaiters and references from before a channel was idle stay valid") { on_each_backend(made_before, 3); }
TEST_CASE("a deadline applies to the receive to which it was passed") { on_each_backend(deadline_of_its_own); }
