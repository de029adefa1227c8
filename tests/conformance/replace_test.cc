// A channel replaces its stream: a conversation begins in plain text and continues through wrappers.
#include <optional>
#include <string>

#include "tests/conformance/backends.h"

using namespace weir_test;

namespace {

wrappers toy(toy_wrapper::role as = toy_wrapper::role::speaks) { return {std::make_shared<toy_wrapper>(as)}; }

task<> upgrade_and_echo(channel& one) {
    auto asked = co_await one.receive();
    REQUIRE(asked);
    CHECK(asked->text() == "STARTTOY");
    co_await one.send("go on");
    // The client sends first, as in TLS. Otherwise the server's first bytes could arrive together with "go on".
    auto replaced = co_await one.replace_stream(toy(toy_wrapper::role::answers));
    REQUIRE_MESSAGE(replaced, (replaced ? "" : replaced.error().message()));
    while (auto message = co_await one.receive()) co_await one.send(*message);
    CHECK(one.close_reason() == errc::closed);
    one.shutdown_send();
}

task<> ask_to_upgrade(channel& one) {
    co_await one.send("STARTTOY");
    auto answer = co_await one.receive();
    REQUIRE(answer);
    CHECK(answer->text() == "go on");
    auto replaced = co_await one.replace_stream(toy());
    REQUIRE(replaced);
    CHECK(one.peer().facts().find("toy.version") == "1");
    const std::string large(300'000, 'x');
    for (const std::string_view sent : {std::string_view("hello"), std::string_view(large), std::string_view()}) {
        co_await one.send(sent);
        auto reply = co_await one.receive();
        REQUIRE(reply);
        CHECK(reply->text() == sent);
    }
    one.shutdown_send();
    CHECK_FALSE(co_await one.receive());
    CHECK(one.close_reason() == errc::closed);
}

struct refused {
    errc code;
    std::string detail;
};
task<refused> replace(channel& one, wrappers through = toy()) {
    auto replaced = co_await one.replace_stream(std::move(through));
    co_return refused{replaced ? errc::none : replaced.error().code(),
                      replaced ? "" : std::string(replaced.error().message())};
}

// A handshake that never ends by itself.
class waits final : public wrapper {
public:
    std::string_view name() const noexcept override { return "waits"; }
    std::optional<duration> handshake_time() const noexcept override { return 1h; }
    task<result<owned_stream>> wrap(owned_stream below, peer_facts&) const override {
        handshake opening(std::move(below));
        for (;;) {
            if (auto more = co_await opening.receive_more(); !more) co_return more.error();
        }
    }
};

class in_frames final : public wrapper {
public:
    std::string_view name() const noexcept override { return "frames"; }
    task<result<owned_stream>> wrap(owned_stream below, peer_facts&) const override { co_return below; }
    std::optional<framing> fixed_framing(const framing&) const override { return framing::len16(); }
};

}  // namespace

TEST_CASE("a conversation begins in plain text and continues behind a wrapper") {
    on_each_backend([]() -> task<> {
        auto [served, client] = co_await connected(framing::lines().max(1 << 20));
        task<> serving = upgrade_and_echo(served);
        task<> asking = ask_to_upgrade(client);
        co_await when_all(std::move(serving), std::move(asking));
        CHECK(client.stats().messages_sent == 4);
        CHECK(client.stats().messages_received == 4);
    });
}

TEST_CASE("a replacement is refused while bytes that arrived before the wrapper are not received") {
    on_each_backend(
        []() -> task<> {
            auto [served, client] = co_await connected();
            co_await client.send("STARTTOY");
            co_await client.send("MAIL FROM:<a@example.org>");
            co_await client.flush();
            co_await sleep(50ms);
            auto asked = co_await served.receive();
            REQUIRE(asked);
            task<refused> replacing = replace(served);
            const refused why = co_await std::move(replacing);
            CHECK(why.code == errc::malformed);
            CHECK(why.detail.ends_with(" bytes arrived before the wrapper and were not received"));
            auto next = co_await served.receive();  // the channel is unchanged
            REQUIRE(next);
            CHECK(next->text() == "MAIL FROM:<a@example.org>");
            co_await served.send("still plain");
            auto reply = co_await client.receive();
            REQUIRE(reply);
            CHECK(reply->text() == "still plain");
        },
        5);
}

TEST_CASE("a handshake that fails during a replacement ends the channel, and the error names the wrapper") {
    on_each_backend([]() -> task<> {
        auto [served, client] = co_await connected();
        task<refused> replacing = replace(served);
        auto other = [](channel& plain) -> task<> { co_await plain.send("no toy"); };
        task<> talking = other(client);
        auto [why, spoke] = co_await when_all(std::move(replacing), std::move(talking));
        CHECK(why.code == errc::malformed);
        CHECK(why.detail.starts_with("toy handshake "));
        CHECK(why.detail.ends_with(": the peer does not speak toy"));
        CHECK(co_await served.receive() == errc::malformed);
        CHECK(co_await served.send("x") == errc::malformed);
        while (auto greeting = co_await client.receive()) CHECK(greeting->text() == "toy");
    });
}

TEST_CASE("a cancel, an abort or destroying the handle ends a channel whose stream is being replaced") {
    on_each_backend([]() -> task<> {
        {
            auto [served, client] = co_await connected();
            task<refused> replacing = replace(served, {std::make_shared<waits>()});
            auto ended = co_await with_deadline(std::move(replacing), loop::current().now() + 10ms);
            CHECK(ended == errc::timed_out);
            CHECK(co_await served.receive() == errc::cancelled);
            CHECK_FALSE(co_await client.receive());
        }
        {
            auto [served, client] = co_await connected();
            task<refused> replacing = replace(served, {std::make_shared<waits>()});
            auto aborts = [](channel& one) -> task<> {
                co_await sleep(5ms);
                CHECK(co_await one.detach_stream() == errc::unsupported);
                CHECK(one.ask_kernel() == errc::unsupported);
                one.abort();
            };
            task<> aborting = aborts(served);
            auto [why, aborted] = co_await when_all(std::move(replacing), std::move(aborting));
            CHECK(why.code == errc::cancelled);
            CHECK_FALSE(co_await client.receive());
        }
        {
            auto [served, client] = co_await connected();
            {
                channel dropped = std::move(served);
                task<refused> replacing = replace(dropped, {std::make_shared<waits>()});
                const started begun(loop::current(), std::move(replacing));
                co_await sleep(5ms);
            }
            CHECK_FALSE(co_await client.receive());
        }
    });
}

TEST_CASE("messages sent during a replacement go through the wrapper, and so does the end of the stream") {
    on_each_backend([]() -> task<> {
        auto [served, client] = co_await connected();
        auto sends = [](channel& one) -> task<> {
            co_await one.send("early");
            co_await one.send("and more");
            one.shutdown_send();
        };
        task<refused> here = replace(served);
        task<> sending = sends(served);
        auto later = [](channel& one) -> task<refused> {
            co_await sleep(20ms);
            task<refused> replacing = replace(one);
            co_return co_await std::move(replacing);
        };
        task<refused> there = later(client);
        auto [first, sent, second] = co_await when_all(std::move(here), std::move(sending), std::move(there));
        CHECK(first.code == errc::none);
        CHECK(second.code == errc::none);
        for (const char* const expected : {"early", "and more"}) {
            auto got = co_await client.receive();
            REQUIRE(got);
            CHECK(got->text() == expected);
        }
        CHECK(co_await client.receive() == errc::closed);
        task<refused> again = replace(served);
        const refused why = co_await std::move(again);
        CHECK(why.code == errc::broken_pipe);
    });
}

TEST_CASE("a receive that timed out before the stream is replaced loses nothing") {
    on_each_backend([]() -> task<> {
        auto [served, client] = co_await connected();
        CHECK(co_await served.receive(loop::current().now() + 5ms) == errc::timed_out);  // the read stays submitted
        task<refused> here = replace(served);
        task<refused> there = replace(client);
        auto [first, second] = co_await when_all(std::move(here), std::move(there));
        CHECK(first.code == errc::none);
        CHECK(second.code == errc::none);
        co_await client.send("hello");
        auto got = co_await served.receive();
        REQUIRE(got);
        CHECK(got->text() == "hello");
    });
}

TEST_CASE("a wrapper that replaces the stream of a channel may fix the framing") {
    on_each_backend([]() -> task<> {
        auto [served, client] = co_await connected();
        const wrappers frames{std::make_shared<in_frames>()};
        task<refused> here = replace(served, frames);
        task<refused> there = replace(client, frames);
        auto [first, second] = co_await when_all(std::move(here), std::move(there));
        CHECK(first.code == errc::none);
        CHECK(second.code == errc::none);
        CHECK(served.described() == framing::len16());
        CHECK(served.switch_framing(framing::lines()) == errc::unsupported);
        co_await client.send("a\nb");
        auto got = co_await served.receive();
        REQUIRE(got);
        CHECK(got->text() == "a\nb");
    });
}

TEST_CASE("a channel behind a wrapper that keeps the socket can be detached") {
    on_each_kernel_backend([]() -> task<> {
        if (this_backend->transforms()) co_return;
        auto [served, client] = co_await connected();
        task<refused> here = replace(served, {std::make_shared<in_frames>()});
        const refused why = co_await std::move(here);
        CHECK(why.code == errc::none);
        auto given = co_await served.detach();
        REQUIRE(given);
        auto moved = adopt(std::move(*given), framing::lines());
        REQUIRE(moved);
        co_await client.send("moved");
        auto got = co_await moved->receive();
        REQUIRE(got);
        CHECK(got->text() == "moved");
    });
}

TEST_CASE("an abort while the stream is replaced resets the peer") {
    on_each_backend([]() -> task<> {
        auto [served, client] = co_await connected();
        task<refused> replacing = replace(served, {std::make_shared<waits>()});
        auto aborts = [](channel& one) -> task<> {
            co_await sleep(5ms);
            one.abort();
        };
        task<> aborting = aborts(served);
        auto [why, aborted] = co_await when_all(std::move(replacing), std::move(aborting));
        CHECK(why.code == errc::cancelled);
        CHECK(why.detail.ends_with("abort() was called"));
        CHECK(co_await client.receive() == errc::reset);
    });
}

TEST_CASE("a cancel ends the channel even if the stream has already been replaced") {
    on_each_backend([]() -> task<> {
        auto [served, client] = co_await connected();
        std::optional<started<refused>> replacing;
        replacing.emplace(loop::current(), replace(served, {std::make_shared<in_frames>()}));
        for (int turns = 0; turns < 100 && served.described() == framing::lines(); ++turns) co_await sleep(0s);
        replacing->cancel();
        while (!replacing->has_ended()) co_await sleep(1ms);
        if (served.failure() == errc::none) {  // the replacement was complete before the cancel
            co_await served.send("alive");
        } else {
            CHECK(served.failure() == errc::cancelled);
            CHECK_FALSE(co_await client.receive());
        }
    });
}

TEST_CASE("the handle may be destroyed while the stream is replaced") {
    on_each_backend([]() -> task<> {
        auto [served, client] = co_await connected();
        std::optional<channel> dropped(std::move(served));
        auto run = [](channel& one) -> task<refused> {
            task<result<void>> replacing = one.replace_stream({std::make_shared<waits>()});
            auto replaced = co_await std::move(replacing);
            co_return refused{replaced ? errc::none : replaced.error().code(), ""};
        };
        started<refused> replacing(loop::current(), run(*dropped));
        co_await sleep(5ms);
        dropped.reset();
        co_await sleep(5ms);
        CHECK_FALSE(replacing.has_ended());
        replacing.cancel();
        while (!replacing.has_ended()) co_await sleep(1ms);
        CHECK_FALSE(co_await client.receive());
    });
}

TEST_CASE("a peer that closes while the stream is replaced is named in the error") {
    on_each_backend([]() -> task<> {
        {
            auto [served, client] = co_await connected();
            task<refused> replacing = replace(served);
            client.shutdown_send();
            const refused why = co_await std::move(replacing);
            CHECK(why.code == errc::truncated);
            CHECK(why.detail.ends_with(": the peer closed during the handshake"));
            CHECK(served.close_reason().message() == why.detail);
        }
    });
}

TEST_CASE("references to the facts and the address of a peer stay valid when the stream is replaced") {
    on_each_backend([]() -> task<> {
        auto [served, client] = co_await connected();
        task<refused> here = replace(served);
        task<refused> there = replace(client);
        auto [first, second] = co_await when_all(std::move(here), std::move(there));
        REQUIRE(first.code == errc::none);
        const address& before = served.peer().address();
        const std::string text = before.to_string();
        task<refused> again = replace(served, {std::make_shared<in_frames>()});
        const refused why = co_await std::move(again);
        CHECK(why.code == errc::none);
        CHECK(before.to_string() == text);
        CHECK(served.peer().facts().find("toy.version") == "1");
    });
}
