// A channel behaves the same on every backend.
#include "tests/conformance/backends.h"

using namespace weir_test;

namespace {

// Receives until the end. Returns all messages, each followed by a comma, and the text of the code of the close reason.
task<std::string> all_of(channel& from) {
    std::string said;
    for (;;) {
        auto message = co_await from.receive();
        if (!message) break;
        said += message->text();
        said += ',';
    }
    co_return said + std::string(to_string(from.close_reason().code()));
}

// Sends bytes without a frame.
task<> send_raw(channel& by, std::string bytes) {
    by.switch_framing(framing::chunks());
    co_await by.send(bytes);
}

task<> glue_and_end() {
    auto [served, client] = co_await connected();
    for (int i = 0; i < 3; ++i) co_await client.send("message " + std::to_string(i));
    client.shutdown_send();
    CHECK(co_await all_of(served) == "message 0,message 1,message 2,closed by the peer");
    CHECK(served.stats().messages_received == 3);
    CHECK(client.stats().messages_sent == 3);
    // A half-closed connection still receives.
    co_await served.send("reply");
    auto reply = co_await client.receive();
    REQUIRE(reply);
    CHECK(reply->text() == "reply");
    auto refused = co_await client.send("more");
    CHECK(refused == errc::broken_pipe);
}

task<> endings() {
    for (const auto& [raw, ending] : {std::pair<std::string, std::string>{"whole\ntorn", "whole,truncated"},
                                      {"0123456789\n", "message is too large"},
                                      {"good\nbad\r\n\r\n", "good,bad,closed"}}) {
        auto [served, client] = co_await connected(*framing::parse("lines,max=8,empty=allow"));
        co_await send_raw(client, raw);
        client.shutdown_send();
        const auto said = co_await all_of(served);
        if (ending == "good,bad,closed") {
            CHECK(said == "good,bad,,closed by the peer");
        } else if (ending == "message is too large") {
            CHECK(served.close_reason() == errc::too_large);
        } else {
            CHECK(served.close_reason() == errc::truncated);
            CHECK(said.starts_with("whole,"));
        }
        // Every later receive() returns the close reason.
        const auto again = co_await served.receive();
        CHECK(!again);
        CHECK(again.error().message() == served.close_reason().message());
    }
}

task<> reset() {
    auto [served, client] = co_await connected();
    co_await client.send("last words");
    co_await client.flush();
    auto first = co_await served.receive();
    REQUIRE(first);
    client.abort();
    CHECK(co_await all_of(served) == "connection reset by the peer");
    auto after_cut = co_await client.receive();
    CHECK(after_cut == errc::cancelled);
    CAPTURE(after_cut.error().message());
    CHECK(client.close_reason() == errc::cancelled);
}

// This number of messages of `size` bytes is too large for the buffers of any backend.
std::size_t many() { return this_backend->seeds == 1 ? 4000 : 200; }
constexpr std::size_t size = 10'000;

task<> send_many(channel_writer& to, std::size_t& sent) {
    for (sent = 0; sent < many(); ++sent) {
        auto done = co_await to.send(std::string(size, static_cast<char>('a' + sent % 26)));
        if (!done) co_return;
    }
    to.shutdown_send();
}

task<> backpressure() {
    channel_limits limits;
    limits.high_water_bytes = 64 * 1024;
    limits.low_water_bytes = 16 * 1024;
    auto [served, client] = co_await connected(*framing::parse("len32"), {}, limits);
    auto [reads, writes] = std::move(client).split();
    std::size_t sent = 0;
    auto moved = [](scope& all, channel_writer to, channel from, std::size_t& count) -> task<> {
        all.spawn(send_many(to, count));
        // The buffers of the kernel fill, and then the queue of the channel.
        co_await sleep(200ms);
        const std::size_t stuck = count;
        CHECK(stuck < many());
        CHECK(to.queued_bytes() <= 64 * 1024 + size + 4);
        std::size_t received = 0;
        for (;;) {
            auto message = co_await from.receive();
            if (!message) break;
            if (message->size() != size || message->text()[0] != static_cast<char>('a' + received % 26))
                FAIL("message " << received << " is another");
            ++received;
        }
        CHECK(from.close_reason() == errc::closed);
        CHECK(received == many());
    };
    auto done = co_await in_scope(+moved, std::move(writes), std::move(served), std::ref(sent));
    CHECK(done);
    CHECK(sent == many());
}

// The handler ends while messages that it did not read are on their way. Its last reply arrives nevertheless.
task<> last_reply() {
    auto [served, client] = co_await connected();
    for (int i = 0; i < 1000; ++i) co_await client.send("a message that nobody reads " + std::to_string(i));
    auto first = co_await served.receive();
    REQUIRE(first);
    co_await served.send("that is enough");
    {
        channel gone = std::move(served);
    }
    CHECK(co_await all_of(client) == "that is enough,closed by the peer");
}

task<> cancelled_receive() {
    auto [served, client] = co_await connected();
    auto receive_one = [](channel& from) -> task<std::string> {
        auto message = co_await from.receive();
        if (!message) co_return std::string(to_string(message.error().code()));
        co_return std::string(message->text());
    };
    // No message arrives: the deadline cancels the receive.
    task<std::string> waits = receive_one(served);
    auto late = co_await with_deadline(std::move(waits), loop::current().now() + 20ms);
    CHECK(late == errc::timed_out);
    CHECK(served.close_reason() == errc::none);
    co_await client.send("one");
    co_await client.send("two");
    auto timed_out = co_await served.receive(loop::current().now() + 5s);
    REQUIRE(timed_out);
    CHECK(timed_out->text() == "one");
    auto two = co_await served.receive();
    CHECK(two->text() == "two");
    auto nothing = co_await served.receive(loop::current().now() + 20ms);
    CHECK(nothing == errc::timed_out);
    CHECK(served.close_reason() == errc::none);
    client.shutdown_send();
    CHECK(co_await all_of(served) == "closed by the peer");
}

task<> switching() {
    auto [served, client] = co_await connected();
    co_await client.send("upgrade");
    client.switch_framing(*framing::parse("len16"));
    co_await client.send("binary\nmessage");
    client.shutdown_send();
    auto first = co_await served.receive();
    CHECK(first->text() == "upgrade");
    served.switch_framing(*framing::parse("len16"));
    auto second = co_await served.receive();
    CHECK(second->text() == "binary\nmessage");
    CHECK(co_await all_of(served) == "closed by the peer");
}

task<> paced() {
    auto [served, client] = co_await connected();
    client.pace(20ms);
    const time_point began = loop::current().now();
    for (int i = 0; i < 5; ++i) co_await client.send("tick");
    CHECK(loop::current().now() - began >= 80ms);
    client.shutdown_send();
    CHECK(co_await all_of(served) == "tick,tick,tick,tick,tick,closed by the peer");
}

task<> pieces() {
    auto [served, client] = co_await connected(*framing::parse("lines"));
    served.switch_framing(*framing::parse("lines,max=4,oversize=stream"));
    co_await client.send("0123456789");
    co_await client.send("ok");
    client.shutdown_send();
    std::string joined;
    for (;;) {
        auto part = co_await served.receive();
        REQUIRE(part);
        CHECK_FALSE(part->is_whole());
        joined += part->text();
        if (part->is_last_piece()) break;
    }
    CHECK(joined == "0123456789");
    CHECK(co_await all_of(served) == "ok,closed by the peer");
    CHECK(served.stats().messages_received == 2);
}

task<> gaps() {
    auto [served, client] = co_await connected(*framing::parse("idle:20ms"));
    co_await client.send("a frame");
    co_await client.flush();
    auto first = co_await served.receive();
    REQUIRE(first);
    CHECK(first->text() == "a frame");
    co_await client.send("another");
    client.shutdown_send();
    CHECK(co_await all_of(served) == "another,closed by the peer");
}

// ask_kernel() returns the state of the connection in the kernel, or errc::unsupported on a simulated network.
task<> kernel_of_a_channel() {
    auto [served, client] = co_await connected();
    co_await client.send("hello");
    co_await client.flush();
    if (std::string(this_backend->name).starts_with("simulated")) {
        CHECK(client.ask_kernel() == errc::unsupported);
        co_return;
    }
    const auto until = loop::current().now() + 5s;
    while (loop::current().now() < until) {
        const auto held = served.ask_kernel();
        REQUIRE(held);
        if (held->unread_bytes.value_or(0) != 0) break;
        co_await sleep(1ms);
        if (this_backend->by == transform::tls) break;  // after a handshake of several reads io_uring may read ahead
    }
    if (this_backend->by != transform::tls) CHECK(served.ask_kernel()->unread_bytes > 0U);
    CHECK(served.ask_kernel()->state == tcp_state::established);
    served.abort();
    CHECK(served.ask_kernel() == errc::cancelled);
}

}  // namespace

TEST_CASE("messages arrive as they were sent, and an end between two messages is errc::closed") {
    on_each_backend(glue_and_end);
}
TEST_CASE("every other close reason has its code, and later calls repeat it") { on_each_backend(endings); }
TEST_CASE("an aborted channel resets its peer") { on_each_backend(reset); }
TEST_CASE("a send waits above the high-water mark, and all messages arrive in order") { on_each_backend(backpressure); }
TEST_CASE("the last reply arrives, also when some messages of the peer were not read") { on_each_backend(last_reply); }
TEST_CASE("a receive that is cancelled or times out loses nothing") { on_each_backend(cancelled_receive); }
TEST_CASE("the framing is switched between two messages, whatever has already arrived") { on_each_backend(switching); }
TEST_CASE("paced messages are sent one after another, with the time between them") { on_each_backend(paced); }
TEST_CASE("a message over the limit is received in pieces") { on_each_backend(pieces); }
TEST_CASE("with the framing idle, a pause ends a message") { on_each_backend(gaps); }
TEST_CASE("a channel returns the state of its socket in the kernel") { on_each_backend(kernel_of_a_channel); }
