#include "weir/base/choices.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

using namespace weir;

namespace {

// A list of numbers below 1000, ended by a choice of 0.
std::vector<std::uint64_t> some_numbers(choices& draw) {
    std::vector<std::uint64_t> all;
    for (auto more = draw.part(); draw.below(5) != 0; more.next()) all.push_back(draw.below(1000));
    return all;
}

choices::numbers failing_row(const std::function<bool(choices&)>& fails) {
    for (std::uint64_t seed = 1; seed < 100'000; ++seed) {
        choices draw = choices::random(seed);
        if (fails(draw)) return draw.row();
    }
    FAIL("no seed fails");
    return {};
}

}  // namespace

TEST_CASE("a seed, its row, and the row as text all repeat the same choices") {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        choices first = choices::random(seed);
        const auto wanted = some_numbers(first);
        choices again = choices::random(seed);
        CHECK(some_numbers(again) == wanted);
        const auto row = choices::parse(choices::say(first.row()));
        REQUIRE(row);
        CHECK(*row == first.row());
        choices replayed = choices::replay(*row);
        CHECK(some_numbers(replayed) == wanted);
        CHECK(replayed.row() == first.row());
    }
}

TEST_CASE("choices stay within their bounds, from every source") {
    const std::string noise = "\xff\xfe\x80\x7f and any other bytes \x01\x00 of a fuzzer";
    for (choices draw : {choices::random(3), choices::replay({UINT64_MAX, 5, 0}), choices::fuzzed(noise)}) {
        for (const std::uint64_t bound : {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{256}, std::uint64_t{257},
                                          std::uint64_t{1} << 40, UINT64_MAX}) {
            CHECK(draw.below(bound) < bound);
        }
        const std::uint64_t middle = draw.between(10, 12);
        CHECK(middle >= 10);
        CHECK(middle <= 12);
        draw.between(0, UINT64_MAX);
        for (const auto& one : draw.made().made) CHECK(one.value < one.bound);
    }
}

TEST_CASE("when a row or the bytes end, each further choice is the simplest one") {
    for (choices draw : {choices::replay({}), choices::fuzzed("")}) {
        CHECK(draw.below(7) == 0);
        CHECK(draw.between(3, 9) == 3);
        CHECK_FALSE(draw.flip());
        CHECK_FALSE(draw.one_in(2));
        CHECK(draw.content(3) == "aaa");
        CHECK(draw.one_of(std::vector<int>{4, 5}) == 4);
    }
}

TEST_CASE("one byte of a fuzzer decides a choice among up to 256, two bytes one among up to 65536") {
    choices draw = choices::fuzzed(std::string("\x05\x01\x02\x03", 4));
    CHECK(draw.below(256) == 5);
    CHECK(draw.below(65536) == 0x0102);
    CHECK(draw.below(2) == 1);
    CHECK(draw.below(1) == 0);
}

TEST_CASE("one_in(10) is true about one time in ten") {
    choices draw = choices::random(5);
    int times = 0;
    for (int i = 0; i < 10'000; ++i) times += draw.one_in(10) ? 1 : 0;
    CHECK(times > 850);
    CHECK(times < 1150);
}

TEST_CASE("a row that was printed is parsed again, and other text is refused") {
    CHECK(choices::say({}) == "-");
    CHECK(choices::say({3, 0, 0, 0, 5}) == "3,0*3,5");
    CHECK(choices::parse("-") == choices::numbers{});
    CHECK(choices::parse("3,0*3,5") == choices::numbers{3, 0, 0, 0, 5});
    CHECK(choices::parse("18446744073709551615") == choices::numbers{UINT64_MAX});
    for (const char* const wrong :
         {"", ",", "1,", ",1", "x", "1*", "*2", "1*0", "1 2", "-1", "1*99999999999", "18446744073709551616", "1*2*3"}) {
        CHECK_MESSAGE(!choices::parse(wrong), wrong);
    }
}

TEST_CASE("a small space is enumerated completely, each row once") {
    std::set<std::vector<std::uint64_t>> seen;
    std::size_t runs = 0;
    choices draw = choices::replay({});
    do {
        std::vector<std::uint64_t> run{draw.below(3)};
        for (std::uint64_t i = 0; i < run[0]; ++i) run.push_back(draw.below(2 + i));
        seen.insert(run);
        ++runs;
    } while (draw.next_row());
    CHECK(runs == 1 + 2 + 2 * 3);
    CHECK(seen.size() == runs);
}

TEST_CASE("a failing row shrinks to the simplest that fails") {
    const auto has_a_large_one = [](choices& draw) {
        const auto all = some_numbers(draw);
        return std::any_of(all.begin(), all.end(), [](std::uint64_t one) { return one > 700; });
    };
    CHECK(shrink(failing_row(has_a_large_one), has_a_large_one) == choices::numbers{1, 701, 0});
    const auto is_long = [](choices& draw) { return some_numbers(draw).size() >= 3; };
    CHECK(shrink(failing_row(is_long), is_long) == choices::numbers{1, 0, 1, 0, 1, 0, 0});
    // The first number of a row is the count of the numbers that follow.
    const auto counted = [](choices& draw) {
        bool found = false;
        for (std::uint64_t left = draw.below(30); left != 0; --left) found = draw.below(100) >= 42 || found;
        return found;
    };
    CHECK(shrink(failing_row(counted), counted) == choices::numbers{1, 42});
}

TEST_CASE("shrinking ends when its runs are used up, with a row that fails") {
    std::size_t runs = 0;
    const auto fails = [&](choices& draw) {
        ++runs;
        return some_numbers(draw).size() >= 2;
    };
    const auto row = failing_row(fails);
    runs = 0;
    const auto shrunk = shrink(row, fails, 25);
    CHECK(runs <= 25);
    choices again = choices::replay(shrunk);
    CHECK(fails(again));
    // A row that does not fail is returned unchanged.
    CHECK(shrink({9, 9}, [](choices&) { return false; }) == choices::numbers{9, 9});
}

TEST_CASE("a shrink within a shrink costs one run of the outer one") {
    std::size_t inner_runs = 0;
    const auto is_long = [&](choices& draw) {
        ++inner_runs;
        return some_numbers(draw).size() >= 3;
    };
    const auto row = failing_row(is_long);
    const auto fails = [&](choices& draw) {
        choices again = choices::replay(shrink(draw.row(), is_long));
        return is_long(draw) || is_long(again);
    };
    inner_runs = 0;
    CHECK(shrink(row, fails, 25) != row);
    CHECK(inner_runs <= 50);
    CHECK(shrink(row, is_long) == choices::numbers{1, 0, 1, 0, 1, 0, 0});
}
