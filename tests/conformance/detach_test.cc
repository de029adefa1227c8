// A channel detaches its connection, and another channel continues with it.
#include <string>

#include "tests/conformance/backends.h"
#include "weir/base/internal/random.h"

using namespace weir_test;

namespace {

const framing roomy = *framing::parse("len32,max=16MiB");

std::string ended_by(errc code) { return "error: " + std::string(to_string(code)); }

task<std::string> next_text(channel& from) {
    auto got = co_await from.receive();
    co_return got ? std::string(got->text()) : ended_by(got.error().code());
}

std::string text_of(const buffer& bytes) { return std::string(bytes.view().text()); }

struct receives {
    std::string got;
    errc ended = errc::none;
};

task<> receive_one(channel& from, receives& into) {
    auto got = co_await from.receive();
    if (got) into.got = got->text();
    else into.ended = got.error().code();
}

// Moves the ends of a connection to new channels at random points; each message arrives once and in order.
task<> moves(std::uint64_t seed) {
    internal::random_source draw(seed);
    auto [served, client] = co_await connected(framing::len32());
    std::optional<channel> ends[2] = {std::move(served), std::move(client)};
    std::uint64_t sent[2] = {0, 0};
    std::uint64_t received[2] = {0, 0};
    std::uint64_t moved = 0;
    const auto message = [](std::uint64_t number) {
        return std::to_string(number) + std::string(static_cast<std::size_t>(number * 7919 % 3000), 'x');
    };
    for (int step = 0; step < 300; ++step) {
        const auto which = static_cast<std::size_t>(draw.below(2));
        channel& one = *ends[which];
        switch (draw.below(4)) {
            case 0:
                if (sent[which] - received[1 - which] < 20) co_await one.send(message(sent[which]++));
                break;
            case 1:
                if (received[which] < sent[1 - which]) {
                    auto got = co_await one.receive(within(5s));
                    REQUIRE(got);
                    CHECK(got->text() == message(received[which]++));
                }
                break;
            case 2: {  // a receive that times out loses nothing that has arrived
                auto got = co_await one.receive(within(0s));
                if (got) CHECK(got->text() == message(received[which]++));
                break;
            }
            default: {
                task<result<detached_stream>> leaving = one.detach_stream();
                auto given = co_await std::move(leaving);
                REQUIRE(given);
                ends[which].emplace(adopt_stream(std::move(*given), framing::len32()));
                ++moved;
                break;
            }
        }
    }
    for (const std::size_t which : {std::size_t{0}, std::size_t{1}}) {
        while (received[which] < sent[1 - which]) {
            auto got = co_await ends[which]->receive(within(5s));
            REQUIRE(got);
            CHECK(got->text() == message(received[which]++));
        }
    }
    CHECK(moved > 20);
    ends[0]->shutdown_send();
    CHECK(co_await next_text(*ends[1]) == ended_by(errc::closed));
}

}  // namespace

TEST_CASE("a connection moves from channel to channel, and no message is lost or doubled") {
    std::uint64_t seed = 0;
    on_each_backend([&] { return moves(++seed); });
}

// The bytes of several lines, in one piece.
task<> send_raw(channel& to, std::string bytes) {
    auto switched = to.switch_framing(framing::chunks());
    REQUIRE(switched);
    co_await to.send(bytes);
    co_await to.flush();
}

TEST_CASE("a detach returns the bytes that were not received, also half a message") {
    on_each_backend([]() -> task<> {
        auto [served, client] = co_await connected();
        co_await send_raw(client, "one\ntwo\r\nthr");
        CHECK(co_await next_text(served) == "one");
        co_await sleep(20ms);  // meanwhile io_uring reads ahead
        task<result<detached_stream>> leaving = served.detach_stream();
        auto given = co_await std::move(leaving);
        REQUIRE(given);
        CHECK(given->unsent.empty());
        CHECK(std::string_view("two\r\nthr").starts_with(text_of(given->unread)));
        CHECK(served.close_reason() == errc::cancelled);
        CHECK(co_await next_text(served) == ended_by(errc::cancelled));
        auto sent = co_await served.send("more");
        CHECK(sent == errc::cancelled);
        channel again = adopt_stream(std::move(*given), framing::lines());
        CHECK(co_await next_text(again) == "two");
        co_await client.send("ee\n");
        CHECK(co_await next_text(again) == "three");
    });
}

TEST_CASE("a detach ends waiting receives and sends with errc::cancelled, and a waiting send sends nothing") {
    on_each_backend([]() -> task<> {
        channel_limits small;
        small.high_water_bytes = 1;
        small.low_water_bytes = 0;
        auto [served, client] = co_await connected(roomy, small);
        receives first;
        errc sent = errc::none;
        auto all = [](scope& children, channel& one, receives& into, errc& how) -> task<> {
            children.spawn(receive_one(one, into));
            auto send = [](channel& to, errc& as) -> task<> {
                const bool is_simulated = loop::current().backend().kind() == backend_kind::simulated;
                const std::string large(is_simulated ? 200'000 : 8 << 20, 'x');
                co_await to.send(large);
                auto done = co_await to.send("not this");
                as = done ? errc::closed : done.error().code();
            };
            children.spawn(send(one, how));
            co_await sleep(10ms);
            task<result<detached_stream>> leaving = one.detach_stream();
            auto given = co_await std::move(leaving);
            REQUIRE(given);
            const std::size_t left = given->unsent.size();
            if (this_backend->by != transform::toy) CHECK(left > 0);  // the toy transform takes all bytes at once
            CHECK(left < (8U << 20) + 4);
        };
        auto done = co_await in_scope(+all, std::ref(served), std::ref(first), std::ref(sent));
        CHECK(done);
        CHECK(first.ended == errc::cancelled);
        CHECK(sent == errc::cancelled);
    });
}

TEST_CASE("a detach returns the bytes that the kernel has not taken, and the peer reads all of them once") {
    on_each_backend([]() -> task<> {
        auto [served, client] = co_await connected(roomy);
        const bool is_simulated = loop::current().backend().kind() == backend_kind::simulated;
        const std::string large(is_simulated ? 300'000 : 3 << 20, 'y');
        co_await served.send(large);
        task<result<detached_stream>> leaving = served.detach_stream();
        auto given = co_await std::move(leaving);
        REQUIRE(given);
        served = adopt_stream(std::move(*given), roomy);
        auto first = co_await client.receive();
        REQUIRE(first);
        CHECK((first->text() == large));
        co_await served.send("after it");
        CHECK(co_await next_text(client) == "after it");
    });
}

// If a detach sent all queued bytes first, both ends would wait for each other for ever.
TEST_CASE("both ends are detached while neither reads, and neither waits for the other") {
    on_each_backend([]() -> task<> {
        auto [served, client] = co_await connected(roomy);
        const bool is_simulated = loop::current().backend().kind() == backend_kind::simulated;
        const std::string large(is_simulated ? 300'000 : 6 << 20, 'z');
        co_await served.send(large);
        co_await client.send(large);
        co_await sleep(10ms);
        for (channel* const end : {&served, &client}) {
            task<result<detached_stream>> leaving = end->detach_stream();
            auto given = co_await std::move(leaving);
            REQUIRE(given);
            *end = adopt_stream(std::move(*given), roomy);
        }
        for (channel* const end : {&served, &client}) {
            auto got = co_await end->receive();
            REQUIRE(got);
            CHECK((got->text() == large));
        }
        co_await served.send("after it");
        CHECK(co_await next_text(client) == "after it");
    });
}

TEST_CASE("the queued bytes of a detached stream are sent, even if its next user only receives") {
    on_each_backend([]() -> task<> {
        auto [served, client] = co_await connected(roomy);
        co_await served.send("sent before");
        task<result<detached_stream>> leaving = served.detach_stream();
        auto given = co_await std::move(leaving);
        REQUIRE(given);
        channel again = adopt_stream(std::move(*given), roomy);
        CHECK(co_await next_text(client) == "sent before");
    });
}

TEST_CASE("a detach that is refused returns its reason, and the channel continues") {
    on_each_backend([]() -> task<> {
        auto [served, client] = co_await connected(*framing::parse("lines,max=10,oversize=skip"));
        co_await send_raw(client, std::string(50, 'z'));
        auto none = co_await served.receive(within(50ms));
        CHECK(none == errc::timed_out);
        task<result<detached_stream>> leaving = served.detach_stream();
        auto given = co_await std::move(leaving);
        REQUIRE_FALSE(given);
        CHECK(given == errc::too_large);
        CHECK(given.error().operation() == "detach");
        co_await client.send("\nshort\n");
        CHECK(co_await next_text(served) == "short");

        served.abort();
        task<result<detached_stream>> late = served.detach_stream();
        auto aborted = co_await std::move(late);
        CHECK(aborted == errc::cancelled);
    });
}

TEST_CASE("detach() of a stream without a socket is refused, and the channel continues") {
    on_each_backend([]() -> task<> {
        auto [served, client] = co_await connected();
        task<result<detached_connection>> leaving = served.detach();
        auto given = co_await std::move(leaving);
        const bool has_socket =
            !this_backend->transforms() && loop::current().backend().kind() != backend_kind::simulated;
        CHECK(bool(given) == has_socket);
        if (!given) {
            CHECK(given == errc::unsupported);
            co_await served.send("still here");
            CHECK(co_await next_text(client) == "still here");
            co_return;
        }
        blocking_channel plain(std::move(given->connection), framing::lines());
        REQUIRE(plain.send("by a blocking channel"));
        CHECK(co_await next_text(client) == "by a blocking channel");
    });
}

TEST_CASE("a half-closed connection is detached, and one that was reset is not") {
    on_each_backend([]() -> task<> {
        auto [served, client] = co_await connected();
        client.shutdown_send();
        CHECK(co_await next_text(served) == ended_by(errc::closed));
        task<result<detached_stream>> leaving = served.detach_stream();
        auto given = co_await std::move(leaving);
        REQUIRE(given);
        channel again = adopt_stream(std::move(*given), framing::lines());
        co_await again.send("last words");
        CHECK(co_await next_text(client) == "last words");
        CHECK(co_await next_text(again) == ended_by(errc::closed));

        auto [other, gone] = co_await connected();
        gone.abort();
        CHECK(co_await next_text(other) == ended_by(errc::reset));
        task<result<detached_stream>> late = other.detach_stream();
        auto dead = co_await std::move(late);
        CHECK(dead == errc::reset);
    });
}

TEST_CASE("a cancel during detach() aborts the connection, and an earlier cancel of the task changes nothing") {
    on_each_backend([]() -> task<> {
        auto [served, client] = co_await connected();
        auto ended = co_await served.receive(within(1ms));
        CHECK(ended == errc::timed_out);
        auto all = [](scope& children, channel& one) -> task<> {
            children.cancel();
            auto leave = [](channel& of) -> task<> {
                auto given = co_await of.detach_stream();
                CHECK(given == errc::cancelled);
            };
            children.spawn(leave(one));
            co_return;
        };
        auto done = co_await in_scope(+all, std::ref(served));
        static_cast<void>(done);
        co_await served.send("still here");
        CHECK(co_await next_text(client) == "still here");

        task<result<detached_stream>> leaving = served.detach_stream();
        auto given = co_await with_deadline(std::move(leaving), within(0s));
        if (given || served.close_reason() == errc::none) co_return;  // the detach completed at once, or had not begun
        CHECK(given == errc::timed_out);
        CHECK(served.close_reason() == errc::cancelled);
        CHECK(co_await next_text(client) == ended_by(errc::reset));
    });
}

TEST_CASE("an abort during a detach ends it, and the connection") {
    on_each_backend([]() -> task<> {
        auto [served, client] = co_await connected();
        receives first;
        std::optional<errc> left;
        auto all = [](scope& children, channel& one, receives& into, std::optional<errc>& how) -> task<> {
            children.spawn(receive_one(one, into));
            co_await sleep(1ms);  // io_uring has a read in progress, and the halt waits for it
            auto leave = [](channel& of, std::optional<errc>& as) -> task<> {
                auto given = co_await of.detach_stream();
                as = given ? errc::none : given.error().code();
            };
            children.spawn(leave(one, how));
            co_await sleep(0s);
            one.abort();
        };
        auto done = co_await in_scope(+all, std::ref(served), std::ref(first), std::ref(left));
        CHECK(done);
        CHECK(first.ended == errc::cancelled);
        REQUIRE(left);
        CHECK((*left == errc::none || *left == errc::cancelled));  // none: the detach completed at once
        auto ended = co_await client.receive(within(5s));
        CHECK((ended == errc::reset || ended == errc::closed || ended == errc::truncated));
    });
}

TEST_CASE("a handler can detach its connection after the server was stopped") {
    on_each_backend([]() -> task<> {
        std::optional<detached_stream> given;
        auto opened = server::listen("127.0.0.1:0", framing::lines());
        REQUIRE(opened);
        auto all = [](scope& children, server& one, std::optional<detached_stream>& into) -> task<> {
            auto handle = [](channel client, std::optional<detached_stream>& left) -> task<> {
                auto first = co_await client.receive();
                REQUIRE(first);
                auto end = co_await client.receive();
                CHECK(end == errc::cancelled);
                auto leaving = co_await client.detach_stream();
                REQUIRE(leaving);
                left.emplace(std::move(*leaving));
            };
            children.spawn(one.run(+handle, std::ref(into)));
            auto client = co_await connect(one.local_address().to_string(), framing::lines());
            REQUIRE(client);
            co_await client->send("one");
            co_await sleep(10ms);
            one.stop();
            for (int i = 0; i < 1000 && !into; ++i) co_await sleep(1ms);
            REQUIRE(into);
            channel again = adopt_stream(std::move(*into), framing::lines());
            co_await client->send("two");
            CHECK(co_await next_text(again) == "two");
        };
        auto done = co_await in_scope(+all, std::ref(*opened), std::ref(given));
        CHECK(done);
        CHECK(opened->stats().ended_by(errc::cancelled) == 1);
    });
}

TEST_CASE("a connection whose sending side was shut down stays so after a detach") {
    on_each_backend([]() -> task<> {
        auto [served, client] = co_await connected();
        served.shutdown_send();
        co_await served.flush();
        CHECK(co_await next_text(client) == ended_by(errc::closed));
        auto leaving = co_await served.detach_stream();
        REQUIRE(leaving);
        CHECK(leaving->output_ended);
        channel again = adopt_stream(std::move(*leaving), framing::lines());
        auto sent = co_await again.send("too late");
        CHECK(sent == errc::broken_pipe);
        co_await client.send("but this");
        CHECK(co_await next_text(again) == "but this");
    });
}

TEST_CASE("a channel in the middle of a large message that is received in pieces cannot be detached") {
    on_each_backend([]() -> task<> {
        auto [served, client] = co_await connected(*framing::parse("lines,max=10,oversize=stream"));
        co_await send_raw(client, std::string(25, 'z'));
        auto piece = co_await served.receive();
        REQUIRE(piece);
        CHECK_FALSE(piece->is_whole());
        auto leaving = co_await served.detach_stream();
        CHECK(leaving == errc::too_large);
    });
}

TEST_CASE("a channel becomes idle also after its connection has moved") {
    on_each_backend([]() -> task<> {
        auto [served, client] = co_await connected();
        task<result<detached_stream>> leaving = served.detach_stream();
        auto given = co_await std::move(leaving);
        REQUIRE(given);
        channel again = adopt_stream(std::move(*given), framing::lines());
        receives first;
        auto all = [](scope& children, channel& one, channel& to, receives& into) -> task<> {
            children.spawn(receive_one(one, into));
            co_await until_idle(one);
            co_await to.send("hello");
        };
        auto done = co_await in_scope(+all, std::ref(again), std::ref(client), std::ref(first));
        CHECK(done);
        CHECK(first.got == "hello");
    });
}
