// The receiver, the sender and the close of a channel, without a loop. Tests each transition of the tables in their
// headers, with real messages.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/conformance/made_up_stream.h"
#include "weir/loop/loop_memory.h"
#include "weir/stream/internal/channel/channel_close.h"
#include "weir/stream/internal/channel/channel_receiver.h"
#include "weir/stream/internal/channel/channel_sender.h"

using namespace weir;
using namespace weir::internal;
using namespace std::chrono_literals;
using weir_test::made_up;
using weir_test::made_up_stream;

namespace {

constexpr time_point start = time_point(1h);
constexpr std::uint64_t first_turn = 7;

// A receiver with the memory of a loop, but without a loop.
struct fed {
    explicit fed(const framing& how) : one(how) {
        one.begin(how, 0);
        static_cast<void>(one.has_used_turn(first_turn));
    }
    // Feeds the receiver, and returns the next event of its decoder.
    decoder::kind feed(std::string_view text) {
        one.feed(memory.lend_a_copy(text));
        return one.next();
    }

    loop_memory memory;
    channel_receiver one;
};

}  // namespace

TEST_CASE("a receiver holds a message until it is taken, and then needs more input") {
    fed lines(framing::lines());
    CHECK(lines.one.is_scanning());
    CHECK(lines.feed("first\nsec") == decoder::message);
    lines.one.check_invariants();
    CHECK(lines.one.is_holding());
    CHECK(lines.one.take(first_turn).text() == "first");
    CHECK(lines.one.is_scanning());
    CHECK(lines.one.next() == decoder::more);
    CHECK_FALSE(lines.one.at_boundary());
    lines.one.input_used_up(start);
    CHECK(lines.one.begun_at() == start);
    CHECK_FALSE(lines.one.has_input());
    lines.one.input_used_up(start + 1s);
    CHECK(lines.one.begun_at() == start);  // the message began with the earlier input
    CHECK(lines.feed("ond\n") == decoder::message);
    CHECK(lines.one.take(first_turn).text() == "second");
    CHECK_FALSE(lines.one.has_begun());
    lines.one.check_invariants();
}

TEST_CASE("after the first message of a turn the next ones use the fast path, up to the limit of messages of a turn") {
    fed lines(framing::lines());
    std::string many;
    for (std::uint64_t i = 0; i <= channel_receiver::most_messages_a_turn; ++i) many += "m\n";
    CHECK(lines.feed(many) == decoder::message);
    static_cast<void>(lines.one.take(first_turn));
    std::uint64_t quick = 0;
    for (; lines.one.is_fast(first_turn); ++quick) {
        REQUIRE(lines.one.next_quickly());
        CHECK(lines.one.is_handing());
        CHECK(lines.one.take_quickly().text() == "m");
    }
#ifndef NDEBUG
    MESSAGE("messages are isolated in checked builds: ", quick, " were quick");
#endif
    if (quick != 0) {
        CHECK(quick + 1 == channel_receiver::most_messages_a_turn);
        CHECK(lines.one.has_used_turn(first_turn));
    }
    CHECK_FALSE(lines.one.is_fast(first_turn + 1));
    CHECK_FALSE(lines.one.has_used_turn(first_turn + 1));
}

TEST_CASE("after receiving has ended, a held message can still be taken, but no later message") {
    fed lines(framing::lines());
    CHECK(lines.feed("last\nno more\n") == decoder::message);
    lines.one.end(error(errc::reset));
    CHECK(lines.one.is_holding());
    lines.one.check_invariants();
    CHECK(lines.one.take(first_turn).text() == "last");
    CHECK(lines.one.now() == channel_receiver::state::ended);
    CHECK(lines.one.close_reason() == errc::reset);
    lines.one.check_invariants();

    fed aborted(framing::lines());
    CHECK(aborted.feed("held\n") == decoder::message);
    aborted.one.end(error(errc::cancelled));
    aborted.one.drop_all();
    CHECK(aborted.one.now() == channel_receiver::state::ended);
    aborted.one.check_invariants();
}

TEST_CASE("the time limit of a partial message does not run while no task waits") {
    fed lines(framing::lines());
    CHECK(lines.feed("partial") == decoder::more);
    lines.one.input_used_up(start);
    lines.one.stop_clocks(start + 1s);
    CHECK(lines.one.restart_clocks(start + 5s) == 4s);
    CHECK(lines.one.begun_at() == start + 4s);
    CHECK(lines.one.restart_clocks(start + 5s) == 0s);
}

TEST_CASE("a recycled receiver decodes another framing at another offset, and keeps no state of the old stream") {
    fed lines(framing::lines());
    CHECK(lines.feed("partial") == decoder::more);
    lines.one.submitted();
    lines.one.end(error(errc::timed_out));
    lines.one.drop_all();
    lines.one.recycle(lines.memory.spares(), 4096);
    lines.one.begin(framing::len8(), 100);
    CHECK(lines.one.can_submit());
    CHECK(lines.one.is_scanning());
    CHECK_FALSE(lines.one.has_ended());
    CHECK_FALSE(lines.one.has_begun());
    CHECK(lines.one.offset() == 100);
    CHECK(lines.feed("\3abc") == decoder::message);
    CHECK(lines.one.take(first_turn).text() == "abc");
    CHECK(lines.one.offset() == 104);
    lines.one.check_invariants();
}

TEST_CASE("a receiver requests memory for the rest of a large message, and for the next one") {
    fed sized(framing::len32());
    const std::string large(300'000, 'x');
    const std::string header{0, '\4', '\x93', '\xe0'};
    CHECK(sized.feed(header + large.substr(0, 100'000)) == decoder::more);
    sized.one.input_used_up(start);
    sized.one.fit_memory(sized.memory.spares());
    REQUIRE(sized.one.wants_room(sized.memory.spares()));
    std::size_t come = 100'000;
    while (come < large.size()) {
        const auto room = sized.one.room(sized.memory.spares());
        REQUIRE_FALSE(room.empty());
        const std::size_t now = std::min(room.size(), large.size() - come);
        std::memset(room.data(), 'x', now);
        sized.one.collected(now);
        come += now;
        const auto event = sized.one.next();
        CHECK(event == (come == large.size() ? decoder::message : decoder::more));
    }
    CHECK(sized.one.take(first_turn).text() == large);
    CHECK(sized.one.expects_large());
    CHECK(sized.one.memory() >= large.size());
    sized.one.release_last();
    CHECK(sized.one.next() == decoder::more);
    sized.one.input_used_up(start);
    CHECK(sized.one.wants_room(sized.memory.spares()));
    sized.one.trim();
    CHECK_FALSE(sized.one.expects_large());
    CHECK_FALSE(sized.one.wants_room(sized.memory.spares()));
}

namespace {

// A sender, and a stream whose completions the test controls.
struct sent_from {
    made_up facts;
    owned_stream below{new made_up_stream(facts)};
    channel_sender one;

    void queue(std::string_view text) { one.queue().bytes().append(bytes_view(text)); }
    void complete() {
        one.completed();
        one.check_invariants();
    }
};

}  // namespace

TEST_CASE("a sender is idle again when the stream has completed the send") {
    sent_from to;
    CHECK_FALSE(to.one.submit(to.below.get()));
    CHECK(to.one.now() == channel_sender::state::idle);  // nothing was queued
    to.queue("some");
    CHECK_FALSE(to.one.is_flushed());
    CHECK(to.one.queued(to.below.get()) == 4);
    CHECK_FALSE(to.one.submit(to.below.get()));
    CHECK(to.one.is_sending());
    CHECK_FALSE(to.one.has_ended());
    CHECK(to.one.queued(to.below.get()) == 4);
    CHECK(to.one.counted_memory() >= 4);
    to.one.check_invariants();
    to.complete();
    CHECK(to.one.now() == channel_sender::state::idle);
    CHECK(to.one.counted_memory() == 0);
}

TEST_CASE("a sender that ends sends the queued bytes first, and then shuts down the sending side") {
    sent_from to;
    to.queue("some");
    static_cast<void>(to.one.submit(to.below.get()));
    to.queue("more");
    to.one.end(error(errc::broken_pipe));
    CHECK(to.one.now() == channel_sender::state::finishing_sending);
    CHECK((to.one.is_sending() && to.one.is_finishing() && to.one.has_ended() && !to.one.has_shut_down()));
    to.complete();
    CHECK(to.one.now() == channel_sender::state::finishing);
    static_cast<void>(to.one.submit(to.below.get()));
    CHECK(to.one.now() == channel_sender::state::finishing_sending);
    to.complete();
    to.one.shut_down(true);
    CHECK(to.one.now() == channel_sender::state::shutting_down);
    CHECK((to.one.is_sending() && to.one.has_shut_down() && !to.one.is_finishing()));
    to.complete();
    CHECK(to.one.now() == channel_sender::state::shut_down);

    sent_from at_once;
    at_once.one.end(error(errc::broken_pipe));
    at_once.one.shut_down(false);
    CHECK(at_once.one.now() == channel_sender::state::shut_down);
    CHECK_FALSE(at_once.one.is_sending());
}

TEST_CASE("a sender that fails keeps the first reason, and waits for the pending send of the stream") {
    sent_from to;
    to.queue("some");
    static_cast<void>(to.one.submit(to.below.get()));
    to.queue("more");
    to.one.fail(error(errc::reset));
    CHECK(to.one.now() == channel_sender::state::failed_sending);
    CHECK((to.one.is_sending() && to.one.has_failed() && to.one.has_ended() && to.one.is_flushed()));
    to.one.check_invariants();
    to.one.fail(error(errc::timed_out));
    CHECK(to.one.failure() == errc::reset);
    to.complete();
    CHECK(to.one.now() == channel_sender::state::failed);

    sent_from aborted;
    aborted.queue("some");
    static_cast<void>(aborted.one.submit(aborted.below.get()));
    aborted.one.fail(error(errc::cancelled));
    aborted.one.abort();
    CHECK(aborted.one.now() == channel_sender::state::failed);
    aborted.one.check_invariants();
}

TEST_CASE("a sender has no room from the high-water mark until the low-water mark") {
    sent_from to;
    channel_limits limits;
    limits.high_water_bytes = 8;
    limits.low_water_bytes = 2;
    to.queue("1234567");
    CHECK(to.one.has_room(limits, to.below.get()));
    to.queue("8");
    CHECK_FALSE(to.one.has_room(limits, to.below.get()));
    to.one.queue().consume(5);
    CHECK_FALSE(to.one.has_room(limits, to.below.get()));  // 3 bytes are queued
    to.one.queue().consume(1);
    CHECK(to.one.has_room(limits, to.below.get()));
    limits.high_water_bytes.reset();
    to.queue("123456789");
    CHECK(to.one.has_room(limits, to.below.get()));
}

TEST_CASE("a paced sender returns the time of the next send") {
    channel_sender one;
    one.allow_fast_path(1000);
    one.paced(start);
    CHECK(one.next_send() == time_point{});
    one.pace(50ms);
    CHECK_FALSE(one.takes_quickly(1));
    one.paced(start);
    CHECK(one.next_send() == start + 50ms);
}

TEST_CASE("a close only moves forward: stopping, the last input, sending the queue, draining the input of the peer") {
    using state = channel_close::state;
    channel_close one;
    one.wait(start);  // a receive on an open channel sets no time limit
    one.received();
    CHECK(one.now() == state::open);
    one.stop();
    CHECK((!one.is_closing() && one.is_stopping()));
    one.received();  // input that arrived before a receive was submitted
    CHECK(one.now() == state::stopping);
    one.wait(start);
    CHECK(one.now() == state::in_grace);
    CHECK(one.until() == start + channel_close::grace);
    one.wait(start + 1s);
    CHECK(one.until() == start + channel_close::grace);
    one.received();
    CHECK(one.is_last_input());
    one.stop();
    CHECK(one.is_last_input());
    one.begin();
    CHECK(one.is_closing());
    CHECK_FALSE(one.is_stopping());
    one.stop();
    CHECK(one.now() == state::sending_queue);
    one.drain(start + 2s);
    CHECK(one.is_draining());
    channel_limits limits;
    limits.linger_bytes = 10;
    one.drop(10);
    CHECK_FALSE(one.has_dropped_enough(limits));
    one.drop(1);
    CHECK(one.has_dropped_enough(limits));
    limits.linger_bytes.reset();
    CHECK_FALSE(one.has_dropped_enough(limits));
}

namespace {

// Feeds a stream in two pieces, and takes `taken` messages. Returns the bytes that were not received.
std::string unreceived(const framing& how, std::string_view stream, std::size_t cut, std::size_t taken, bool holds) {
    fed one(how);
    buffer left;
    std::size_t count = 0;
    const auto decode = [&](decoder::kind event) {
        for (; event == decoder::message || event == decoder::skipped; event = one.one.next()) {
            if (event == decoder::skipped) continue;
            if (count == taken) return;
            static_cast<void>(one.one.take(first_turn));
            ++count;
            if (count == taken && !holds) return;
        }
        one.one.input_used_up(start);
    };
    decode(one.feed(stream.substr(0, cut)));
    if (!one.one.has_input() && !one.one.is_holding()) {
        decode(one.feed(stream.substr(cut)));
        cut = stream.size();
    }
    one.one.copy_unreceived(left);
    return std::string(left.view().text()) + std::string(stream.substr(cut));
}

}  // namespace

TEST_CASE("unreceived bytes are returned unchanged, wherever the stream is cut and whichever message is held") {
    struct way {
        const char* how;
        std::vector<std::string> frames;
    };
    const std::vector<way> ways{
        {"lines", {"one\n", "two\r\n", "\n", "a longer one, the third\n", "x\r\n"}},
        {"len16,check=crc32", {}},
        {"delimited:7e,start=7e,escape=7d01:7d/7d02:7e", {}},
        {"netstring", {"3:one,", "0:,", "12:hello world!,"}},
        {"varint", {std::string("\x03one"), std::string(1, '\0'), std::string("\x05three")}},
        {"fixed:3", {"one", "two", "six"}},
    };
    std::size_t tried = 0;
    for (const auto& [text, given] : ways) {
        CAPTURE(text);
        const auto how = framing::parse(text);
        REQUIRE(how);
        std::vector<std::string> frames = given;
        if (frames.empty()) {
            const encoder encode(*how);
            for (const std::string_view payload : {"one", "", "~}two}~", "the third message"}) {
                buffer frame;
                REQUIRE(encode.encode(payload, frame));
                frames.emplace_back(frame.view().text());
            }
        }
        std::string stream;
        for (const auto& frame : frames) stream += frame;
        for (std::size_t taken = 0; taken <= frames.size(); ++taken) {
            std::string rest;
            for (std::size_t i = taken; i < frames.size(); ++i) rest += frames[i];
            for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
                for (const bool holds : {true, false}) {
                    CAPTURE(taken);
                    CAPTURE(cut);
                    CAPTURE(holds);
                    CHECK(unreceived(*how, stream, cut, taken, holds) == rest);
                    ++tried;
                }
            }
        }
    }
    CHECK(tried > 1500);
}
