// weir/loop/byte_budget.h: who stops receiving, who goes on, and that all together stay bounded.
#include <doctest/doctest.h>

#include <deque>
#include <vector>

#include "weir/base/random.h"
#include "weir/loop/byte_budget.h"

using namespace weir;

namespace {

constexpr std::size_t mib = 1 << 20;

struct connection final : byte_budget::holder {
    using holder::holder;
    void resume() noexcept override { ++resumed; }
    int resumed = 0;
};

}  // namespace

TEST_CASE("a budget pauses who holds much, and lets those go on who hold little or nothing") {
    byte_budget budget;
    budget.limit(8 * mib);
    connection large(budget);
    connection larger(budget);
    connection small(budget);
    connection idle(budget);
    large.hold(4 * mib, 0);
    larger.hold(5 * mib, 0);
    small.hold(1000, 0);
    CHECK(budget.held_bytes() == 9 * mib + 1000);
    CHECK(idle.may_receive());
    CHECK(small.may_receive());
    CHECK_FALSE(large.may_receive());
    CHECK_FALSE(larger.may_receive());
    CHECK_FALSE(large.may_receive());
    CHECK(budget.paused() == 2);
    idle.hold(0, 2 * mib);  // what others do not take is counted, and gives nobody a reason to go on
    CHECK(idle.may_receive());
    idle.hold(0, 0);
    small.hold(0, 0);  // and nobody else would go on
    CHECK(large.resumed == 1);
    CHECK(larger.resumed == 0);
    CHECK(large.may_receive());
    large.hold(5 * mib, 0);
    CHECK(large.may_receive());
    CHECK(larger.is_paused());
    large.hold(0, 0);
    CHECK(larger.resumed == 1);
    CHECK(larger.may_receive());
    CHECK(budget.paused() == 0);
    CHECK(budget.held_bytes() == 5 * mib);
}

TEST_CASE("a budget that is raised, or gone, lets everybody go on; a holder that is gone holds nothing") {
    byte_budget budget;
    budget.limit(mib);
    connection first(budget);
    first.hold(mib, 0);
    {
        connection second(budget);
        second.hold(mib, 0);
        CHECK_FALSE(second.may_receive());
    }
    CHECK(budget.held_bytes() == mib);
    CHECK(budget.paused() == 0);
    connection third(budget);
    third.hold(mib, 0);
    CHECK_FALSE(third.may_receive());
    budget.limit(std::nullopt);
    CHECK(third.resumed == 1);
    CHECK(third.may_receive());
}

// Peers that send all they can of messages that never end: a read takes as much as four times the one before, 256 KiB at most.
TEST_CASE("thousands that never end hold less than twice the budget") {
    byte_budget budget;
    budget.limit(16 * mib);
    random_source draw(4);
    std::deque<connection> all;
    std::vector<std::size_t> reads(3000, 4096);
    std::vector<std::size_t> holds(3000, 0);
    for (int i = 0; i < 3000; ++i) all.emplace_back(budget);
    std::size_t most = 0;
    for (int step = 0; step < 300'000; ++step) {
        const auto which = static_cast<std::size_t>(draw.below(3000));
        if (!all[which].may_receive()) continue;
        holds[which] = std::min<std::size_t>(holds[which] + reads[which], mib);
        reads[which] = std::min<std::size_t>(reads[which] * 4, 256 * 1024);
        all[which].hold(holds[which], 0);
        most = std::max(most, budget.held_bytes());
    }
    CHECK(most > 16 * mib);
    CHECK(most < 32 * mib);
    CHECK(budget.paused() > 100);
}
