// The basic types: result, error, bytes, buffer, deadline, random_source.
#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "tests/aborting.h"
#include "weir/base/buffer.h"
#include "weir/base/bytes.h"
#include "weir/base/internal/random.h"
#include "weir/base/result.h"
#include "weir/base/time.h"

using namespace weir;
using weir_test::aborting;

TEST_CASE("a result has a value or an error") {
    const result<int> good = 5;
    CHECK(good);
    CHECK(*good == 5);
    CHECK_FALSE(good == errc::refused);
    const result<int> bad = error(errc::refused, "connect", "10.0.0.1:80");
    CHECK_FALSE(bad);
    CHECK(bad == errc::refused);
    CHECK(bad.error().message() == "connect 10.0.0.1:80: connection refused: no program listens on this address");
    result<std::unique_ptr<int>> owner = std::make_unique<int>(7);
    CHECK(**owner == 7);
    const std::unique_ptr<int> taken = *std::move(owner);
    CHECK(*taken == 7);
    CHECK(result<void>());
    CHECK(result<void>(error(errc::reset)) == errc::reset);
}

TEST_CASE("reading the value of a failed result prints the error and aborts, in every build") {
    const auto [said, aborted] = aborting([] {
        const result<int> bad = error(errc::in_use, "bind", "127.0.0.1:80");
        static_cast<void>(*bad);
    });
    CHECK(aborted);
    CHECK(said.find("the value of a failed result was read: bind 127.0.0.1:80: address already in use") !=
          std::string::npos);
    CHECK(aborting([] { static_cast<void>(result<int>(1).error()); }).second);
    CHECK(aborting([] { static_cast<void>(result<void>().error()); }).second);
    CHECK_FALSE(aborting([] { static_cast<void>(*result<int>(1)); }).second);
}

TEST_CASE("an error names the operation and its subject") {
    CHECK(error(errc::closed).message() == "closed by the peer");
    CHECK(error(errc::system, "open", {}, "Bad luck", 5).message() == "open: Bad luck");
    CHECK(error(errc::system, "open", {}, "Bad luck", 5).system_code() == 5);
    const error once(errc::too_large, "decode", "lines", "a message is over the limit");
    const error again = once.during("receive", "[::1]:9");
    CHECK(again.message() == "receive [::1]:9: a message is over the limit");
    CHECK(again == errc::too_large);
    CHECK(error(errc::none, {}, "subject").message() == "subject: no error");
    for (int code = 0; code <= static_cast<int>(errc::system); ++code) {
        CHECK_FALSE(to_string(static_cast<errc>(code)).empty());
        CHECK(to_string(static_cast<errc>(code)) != "unknown error");
    }
    CHECK(error(errc::closed).print() == 1);
}

TEST_CASE("bytes and views compare by content") {
    const bytes owned{1, 2, 3};
    CHECK(owned == bytes{1, 2, 3});
    CHECK(owned != bytes{1, 2});
    CHECK(owned.view().from(1) == bytes{2, 3});
    CHECK(bytes("abc") == "abc");
    CHECK(bytes_view("abc") == bytes("abc"));
    CHECK(bytes_view() == bytes());
    CHECK(bytes_view("abc").part(1, 1) == "b");
    CHECK(bytes_view("abc").first(0).empty());
    CHECK(bytes_view(std::string_view("a\0b", 3)).size() == 3);
    CHECK(aborting([] { static_cast<void>(bytes_view("abc").first(4)); }).second);
    CHECK(aborting([] { static_cast<void>(bytes_view("abc").from(4)); }).second);
    CHECK(aborting([] { static_cast<void>(bytes_view("abc")[3]); }).second);
    CHECK(aborting([] { static_cast<void>(bytes(3)[3]); }).second);
}

TEST_CASE("a buffer is a contiguous queue of bytes") {
    buffer queue;
    CHECK(queue.empty());
    CHECK(queue.capacity() == 0);
    std::string model;
    internal::random_source draw(4);
    for (int step = 0; step < 20000; ++step) {
        switch (draw.below(4)) {
            case 0:
            case 1: {
                const std::string more(draw.below(100), static_cast<char>('a' + step % 26));
                queue.append(more);
                model += more;
                break;
            }
            case 2: {
                const std::size_t count = draw.below(model.size() + 1);
                queue.consume(count);
                model.erase(0, count);
                break;
            }
            case 3: {
                const std::size_t count = draw.below(model.size() + 1);
                if (draw.one_in(3)) {
                    queue.truncate(count);
                    model.resize(count);
                }
                break;
            }
        }
        REQUIRE(queue.view().text() == model);
        REQUIRE(queue.capacity() < 200'000);
    }
    buffer copy = queue;
    CHECK(copy.view() == queue.view());
    const buffer moved = std::move(copy);
    CHECK(moved.view() == queue.view());
    queue.release();
    CHECK(queue.capacity() == 0);
    CHECK(aborting([] { buffer().consume(1); }).second);
    CHECK(aborting([] { buffer().truncate(1); }).second);
    CHECK(aborting([] { buffer().commit(1); }).second);
}

TEST_CASE("a deadline passes at its time and not before; one without a time never passes") {
    const time_point at(duration(5));
    CHECK_FALSE(deadline(at).passed(time_point(duration(4))));
    CHECK(deadline(at).passed(at));
    CHECK(deadline().is_never());
    CHECK_FALSE(deadline::never().passed(time_point::max()));
    CHECK(deadline(at) < deadline());
}

TEST_CASE("the same seed draws the same numbers on every machine") {
    internal::random_source draw(42);
    // The first outputs of xoshiro256** seeded by splitmix64(42), computed with the authors' reference code in C.
    CHECK(draw.next() == 0x15780b2e0c2ec716u);
    CHECK(draw.next() == 0x6104d9866d113a7eu);
    CHECK(draw.next() == 0xae17533239e499a1u);
}

TEST_CASE("numbers are drawn uniformly from the whole range") {
    internal::random_source draw(5);
    int counts[3] = {};
    for (int i = 0; i < 30000; ++i) ++counts[draw.below(3)];
    for (const int count : counts) {
        CHECK(count > 9500);
        CHECK(count < 10500);
    }
    bool least = false;
    bool most = false;
    for (int i = 0; i < 1000; ++i) {
        const std::uint64_t drawn = draw.between(10, 12);
        REQUIRE(drawn >= 10);
        REQUIRE(drawn <= 12);
        least |= drawn == 10;
        most |= drawn == 12;
    }
    CHECK(least);
    CHECK(most);
    CHECK(draw.between(7, 7) == 7);
    static_cast<void>(draw.between(0, UINT64_MAX));
}

TEST_CASE("a time beyond the last time_point becomes the last time_point") {
    using weir::duration;
    using weir::time_point;
    const time_point now(std::chrono::hours(24));
    CHECK(weir::later(now, duration(5)) == now + duration(5));
    CHECK(weir::later(now, duration::max()) == time_point::max());
    CHECK(weir::later(now, time_point::max() - now) == time_point::max());
    CHECK(weir::later(time_point::max(), duration(1)) == time_point::max());
    CHECK(weir::later(time_point::max(), duration()) == time_point::max());
    CHECK(weir::later(time_point(), duration::max()) == time_point::max());
    CHECK(weir::later(time_point::min(), duration::max()) < time_point());
}
