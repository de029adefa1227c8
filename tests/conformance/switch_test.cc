// A channel may switch its framing whatever its peer has sent, on every backend. No input of a peer makes the call fail
// a check.
#include "tests/conformance/backends.h"

using namespace weir_test;

namespace {

task<> within_oversize(const char* rule) {
    auto [served, client] = co_await connected(*framing::parse(std::string("lines,max=10,oversize=") + rule));
    client.switch_framing(framing::chunks());
    co_await client.send("this line is too long, and has no end yet");
    co_await client.flush();
    // The part of the message that has arrived is skipped, or returned in pieces.
    while (auto part = co_await served.receive(loop::current().now() + 100ms)) {
    }
    CHECK(served.close_reason() == errc::none);
    const result<void> refused = served.switch_framing(framing::len16());
    CHECK(refused == errc::too_large);
    CHECK(served.described().fields().kind == framing_kind::lines);
    co_await client.send("\nshort\n");
    for (;;) {
        auto line = co_await served.receive();
        REQUIRE(line);
        if (line->is_whole() && line->text() == "short") break;
    }
    CHECK(served.switch_framing(framing::len16()));
    co_await client.send(std::string("\0\1!", 3));
    auto message = co_await served.receive();
    REQUIRE(message);
    CHECK(message->text() == "!");
}

task<> skipped() { co_await within_oversize("skip"); }
task<> streamed() { co_await within_oversize("stream"); }

// After receiving has ended, the channel still sends messages in the new framing.
task<> behind_an_ending() {
    auto [served, client] = co_await connected();
    client.shutdown_send();
    auto ended = co_await served.receive();
    CHECK(ended == errc::closed);
    CHECK(served.switch_framing(framing::len16()));
    client.switch_framing(framing::len16());
    co_await served.send("good bye");
    auto last = co_await client.receive();
    REQUIRE(last);
    CHECK(last->text() == "good bye");
    auto still = co_await served.receive();
    CHECK(still == errc::closed);
}

task<> behind_a_failure() {
    auto [served, client] = co_await connected(*framing::parse("lines,max=4"));
    client.switch_framing(framing::chunks());
    co_await client.send("too long a line\n");
    auto ended = co_await served.receive();
    CHECK(ended == errc::too_large);
    CHECK(served.switch_framing(framing::len16()));
    auto still = co_await served.receive();
    CHECK(still == errc::too_large);
}

// A receive waits because the arrived bytes are not a whole message of the old framing. In the new framing, the same
// bytes are a whole message.
task<> while_a_receive_waits() {
    auto [served, client] = co_await connected();
    client.switch_framing(framing::chunks());
    auto waits = [](channel& from, bool& received) -> task<> {
        auto message = co_await from.receive();
        REQUIRE(message);
        CHECK(message->text() == "no line");
        received = true;
    };
    auto both = [](scope& children, channel& from, channel& to, auto receiving) -> task<> {
        bool received = false;
        children.spawn(receiving(from, received));
        co_await to.send("no line");
        while (from.stats().bytes_received != 7) co_await sleep(1ms);
        from.switch_framing(framing::chunks());
        const time_point began = loop::current().now();
        while (!received && loop::current().now() - began < 2s) co_await sleep(1ms);
        CHECK(received);
        if (!received) from.abort();
    };
    auto done = co_await in_scope(
        +[](scope& all, channel& from, channel& to, decltype(both)& run, decltype(waits)& one) -> task<> {
            co_await run(all, from, to, one);
        },
        std::ref(served), std::ref(client), std::ref(both), std::ref(waits));
    CHECK(done);
    co_await client.send("and more");
    auto more = co_await served.receive();
    REQUIRE(more);
    CHECK(std::string_view("and more").starts_with(more->text()));
}

}  // namespace

TEST_CASE("switching the framing is refused inside an oversize message, and possible after that message") {
    on_each_backend(skipped, 5);
    on_each_backend(streamed, 5);
}
TEST_CASE("after receiving has ended, switching the framing still changes how messages are sent") {
    on_each_backend(behind_an_ending, 5);
    on_each_backend(behind_a_failure, 5);
}
TEST_CASE("a receive that waits while the framing is switched gets the bytes that have arrived") {
    on_each_backend(while_a_receive_waits, 5);
}
