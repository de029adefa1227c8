// Tests blocking_channel with wrappers and on other byte streams, and tests detach(). Runs on the real kernel.
#include <doctest/doctest.h>

#include <string>
#include <thread>

#include "tests/conformance/toy_transform.h"
#include "tests/served.h"
#include "weir/weir.h"

using namespace weir;
using namespace weir_test;
using namespace std::chrono_literals;

namespace {

wrappers toys() { return {std::make_shared<toy_wrapper>()}; }

server_options wrapped() {
    server_options how;
    how.wrappers = toys();
    return how;
}

std::string text_of(std::size_t number) { return std::to_string(number) + std::string(number * 977 % 50'000, 'x'); }

}  // namespace

TEST_CASE("a blocking channel behind a wrapper sends on one thread and receives on another") {
    const served echo(wrapped());
    auto made = blocking_channel::adopt(echo.connected(), toys(), framing::len32());
    REQUIRE(made);
    constexpr std::size_t messages = 200;
    std::thread sends([&] {
        for (std::size_t i = 0; i < messages; ++i) REQUIRE(made->send(text_of(i)));
    });
    for (std::size_t i = 0; i < messages; ++i) {
        auto got = made->receive(within(10s));
        REQUIRE(got);
        REQUIRE((got->text() == text_of(i)));
    }
    sends.join();
    CHECK(made->messages_received() == messages);
    auto nothing = made->receive(within(10ms));
    CHECK(nothing == errc::timed_out);
    REQUIRE(made->shutdown_send());
    auto last = made->receive(within(10s));
    CHECK(last == errc::closed);
    CHECK(made->close());
    auto after = made->send("x");
    CHECK(!after);
}

TEST_CASE("the last message of a wrapped blocking channel arrives after close()") {
    for (int i = 0; i < 20; ++i) {
        static std::atomic<std::size_t> received;
        received = 0;
        {
            const served takes(
                wrapped(), framing::len32(), +[](channel client) -> task<> {
                    while (auto message = co_await client.receive()) received += message->size();
                    CHECK(client.close_reason() == errc::closed);
                });
            auto made = blocking_channel::adopt(takes.connected(), toys(), framing::len32());
            REQUIRE(made);
            REQUIRE(made->send(std::string(300'000, 'x')));
            CHECK(made->close());
        }
        CHECK(received == 300'000);
    }
}

TEST_CASE("the error of a handshake that fails or takes too long names the wrapper or the peer") {
    class waits final : public wrapper {
    public:
        std::string_view name() const noexcept override { return "waits"; }
        task<result<owned_stream>> wrap(owned_stream below, peer_facts&) const override {
            handshake opening(std::move(below));
            if (auto more = co_await opening.receive_more(); !more) co_return more.error();
            co_return opening.release();
        }
    };
    const served plain(server_options{});
    auto refused =
        blocking_channel::adopt(plain.connected(), {std::make_shared<waits>()}, framing::len32(), within(50ms));
    REQUIRE(!refused);
    CHECK(refused == errc::timed_out);
    CHECK(refused.error().message().find("127.0.0.1:") != std::string::npos);

    class refuses final : public wrapper {
    public:
        std::string_view name() const noexcept override { return "grumpy"; }
        task<result<owned_stream>> wrap(owned_stream below, peer_facts&) const override {
            below.reset();
            co_return error(errc::malformed, {}, {}, "no");
        }
    };
    auto grumpy = blocking_channel::adopt(plain.connected(), {std::make_shared<refuses>()}, framing::len32());
    REQUIRE(!grumpy);
    CHECK(grumpy == errc::malformed);
    CHECK(grumpy.error().operation() == "grumpy handshake with");
}

TEST_CASE("a blocking channel can use any byte stream, which runs on its own thread") {
    const served echo(server_options{});
    const weir::address where = *echo.connected().peer_address();
    auto made = blocking_channel::adopt_stream([&] { return connect_stream(where.to_string()); }, framing::len32());
    REQUIRE(made);
    CHECK(made->peer() == where);
    REQUIRE(made->send("hello"));
    auto got = made->receive(within(10s));
    REQUIRE(got);
    CHECK(got->text() == "hello");
    auto none = blocking_channel::adopt_stream([] { return connect_stream("127.0.0.1:1"); }, framing::len32());
    CHECK(none == errc::refused);
    auto thrown = blocking_channel::adopt_stream(
        []() -> task<result<owned_stream>> {
            throw std::runtime_error("no stream");
            co_return error(errc::invalid);
        },
        framing::len32());
    REQUIRE(!thrown);
    CHECK(thrown.error().message().find("no stream") != std::string::npos);
    auto moved = made->detach();
    CHECK(moved == errc::unsupported);
}

TEST_CASE("a wrapped blocking channel returns an error for a reset, and for a peer that takes nothing") {
    const served resets(
        wrapped(), framing::len32(), +[](channel client) -> task<> {
            auto message = co_await client.receive();
            client.abort();
        });
    auto made = blocking_channel::adopt(resets.connected(), toys(), framing::len32());
    REQUIRE(made);
    REQUIRE(made->send("go"));
    auto got = made->receive(within(10s));
    CHECK(got == errc::reset);

    const served stands_still(
        wrapped(), framing::len32(), +[](channel client) -> task<> {
            co_await sleep(1h);
            client.abort();
        });
    auto full = blocking_channel::adopt(stands_still.connected(), toys(), framing::len32().max_none());
    REQUIRE(full);
    full->limit_stall(100ms);
    auto sent = full->send(std::string(64 << 20, 'x'));
    CHECK(sent == errc::timed_out);
}

TEST_CASE("a blocking channel detaches its connection with the unreceived bytes, and another channel continues") {
    const served echo(server_options{});
    blocking_channel first(echo.connected(), framing::len32());
    for (int i = 0; i < 3; ++i) REQUIRE(first.send(std::to_string(i)));
    std::this_thread::sleep_for(50ms);
    auto zero = first.receive(within(10s));
    REQUIRE(zero);
    CHECK(zero->text() == "0");
    auto given = first.detach();
    REQUIRE(given);
    CHECK(given->unread.size() == 10);
    CHECK(first.close_reason() == errc::cancelled);
    CHECK(first.send("x") == errc::cancelled);
    auto second = blocking_channel::adopt(std::move(*given), framing::len32());
    REQUIRE(second);
    for (int i = 1; i < 3; ++i) {
        auto got = second->receive(within(10s));
        REQUIRE(got);
        CHECK(got->text() == std::to_string(i));
    }
    REQUIRE(second->send("last"));
    auto got = second->receive(within(10s));
    REQUIRE(got);
    CHECK(got->text() == "last");
    // A connection may be detached from a channel of a loop with unsent bytes. The blocking channel sends them first.
    detached_connection half(std::move(second->connection()), {}, {});
    buffer frame;
    REQUIRE(encoder(framing::len32()).encode("half", frame));
    half.unsent = frame;
    auto third = blocking_channel::adopt(std::move(half), framing::len32());
    REQUIRE(third);
    auto whole = third->receive(within(10s));
    REQUIRE(whole);
    CHECK(whole->text() == "half");
}

TEST_CASE("a blocking channel cannot be detached in the middle of an oversize message") {
    auto [one, other] = *weir::socket_pair();
    blocking_channel from(std::move(one), *framing::parse("len32,max=10,oversize=stream"));
    REQUIRE(other.send_all(std::string("\0\0\0\x14", 4) + "twenty bytes"));
    auto piece = from.receive(within(10s));
    REQUIRE(piece);
    CHECK_FALSE(piece->is_whole());
    CHECK(from.detach() == errc::too_large);
    REQUIRE(other.send_all("........"));
    for (auto next = from.receive(within(10s)); next && !next->is_last_piece(); next = from.receive(within(10s))) {
    }
    CHECK(from.detach());
}

namespace {

// A wrapper that does not change the bytes.
class nothing final : public wrapper {
public:
    std::string_view name() const noexcept override { return "nothing"; }
    task<result<owned_stream>> wrap(owned_stream below, peer_facts&) const override { co_return below; }
};

struct two_ends {
    blocking_channel wrapped;
    weir::socket peer;
};

two_ends connected_through_nothing() {
    auto listening = listen_on("127.0.0.1:0");
    REQUIRE(listening);
    auto client = connect_to(listening->local_address()->to_string());
    REQUIRE(client);
    auto accepted = listening->accept();
    REQUIRE(accepted);
    auto made = blocking_channel::adopt(std::move(*client), {std::make_shared<nothing>()}, framing::len32().max_none());
    REQUIRE(made);
    return {std::move(*made), std::move(accepted->connection)};
}

std::size_t bytes_until_end(weir::socket& from) {
    std::size_t all = 0;
    for (;;) {
        auto some = from.receive(65'536, within(10s));
        REQUIRE(some);
        if (some->empty()) return all;
        all += some->size();
    }
}

}  // namespace

TEST_CASE("close() and the destructor wait until the kernel has all bytes, even if the peer has closed first") {
    for (const bool closes : {true, false}) {
        std::optional<two_ends> ends = connected_through_nothing();
        weir::socket peer = std::move(ends->peer);
        REQUIRE(peer.shutdown(half::send));
        CHECK(ends->wrapped.receive(within(10s)) == errc::closed);
        constexpr std::size_t size = 6 << 20;
        std::size_t got = 0;
        std::thread reads([&] {
            std::this_thread::sleep_for(200ms);
            got = bytes_until_end(peer);
        });
        REQUIRE(ends->wrapped.send(std::string(size, 'x')));
        if (closes) CHECK(ends->wrapped.close());
        ends.reset();
        reads.join();
        CHECK(got == size + 4);
    }
}

TEST_CASE("close() returns an error if the peer did not take all bytes") {
    auto [wrapped, peer] = connected_through_nothing();
    wrapped.limit_stall(50ms);
    std::size_t sent = 0;
    while (wrapped.send(std::string(60'000, 'x'), within(20ms))) sent += 60'004;
    CHECK(sent > 0);
    const auto closed = wrapped.close(50ms);
    CHECK(closed == errc::timed_out);
}

TEST_CASE("after a send on the thread of the stream failed with a reset, a receive does not report an end of stream") {
    auto [wrapped, peer] = connected_through_nothing();
    std::string frames;
    for (int i = 0; i < 200; ++i) frames += std::string("\0\0\x03\xfc", 4) + std::string(1020, 'x');
    REQUIRE(peer.send_all(frames));
    std::this_thread::sleep_for(100ms);  // the buffers between the threads fill, and no more bytes are received
    REQUIRE(peer.set(option::linger, std::optional<duration>(duration::zero())));
    REQUIRE(peer.close());
    std::this_thread::sleep_for(50ms);
    static_cast<void>(wrapped.send("lost"));
    std::this_thread::sleep_for(50ms);
    for (auto got = wrapped.receive(within(5s)); got;) got = wrapped.receive(within(5s));
    CHECK(wrapped.close_reason() == errc::reset);
}

TEST_CASE("an exception of a stream or of its loop is an error of the channel, and no call waits for ever") {
    auto thrown = blocking_channel::adopt_stream(
        []() -> task<result<owned_stream>> {
            throw 42;
            co_return error(errc::invalid);
        },
        framing::len32());
    CHECK(thrown == errc::invalid);
    auto listening = listen_on("127.0.0.1:0");
    REQUIRE(listening);
    const std::string where = listening->local_address()->to_string();
    auto ends = blocking_channel::adopt_stream(
        [where]() -> task<result<owned_stream>> {
            task<result<owned_stream>> connecting = connect_stream(where);
            auto made = co_await std::move(connecting);
            loop::current().from_elsewhere().post([] { throw std::runtime_error("of a post"); });
            co_return made;
        },
        framing::len32());
    REQUIRE(ends);
    CHECK(ends->receive(within(5s)) == errc::invalid);
    CHECK(ends->send("x", within(5s)) == errc::invalid);
}

TEST_CASE("after a send has failed because the peer has closed, the connection cannot be detached") {
    auto [one, other] = *weir::socket_pair();
    blocking_channel from(std::move(one), framing::len32());
    REQUIRE(other.close());
    CHECK(from.send("x") == errc::broken_pipe);
    CHECK(from.detach() == errc::broken_pipe);
    auto [open, peer] = *weir::socket_pair();
    blocking_channel ended(std::move(open), framing::len32());
    REQUIRE(ended.shutdown_send());
    auto given = ended.detach();
    REQUIRE(given);
    CHECK(given->output_ended);
}
