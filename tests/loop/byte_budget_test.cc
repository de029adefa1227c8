// weir/loop/internal/byte_budget.h: which holders wait, continue or are closed, and the limit on the bytes of all
// holders together.
#include <doctest/doctest.h>

#include <unistd.h>

#include <deque>
#include <filesystem>
#include <fstream>
#include <vector>

#include "weir/base/internal/random.h"
#include "weir/loop/internal/byte_budget.h"
#include "weir/loop/internal/memory_allowed.h"

using namespace weir;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t mib = 1 << 20;

struct connection final : internal::byte_budget::holder {
    using holder::holder;
    void resume() noexcept override { ++resumed; }
    std::optional<time_point> peer_moved() noexcept override { return moved; }
    void evict() noexcept override {
        ++evicted;
        release();
    }
    int resumed = 0;
    int evicted = 0;
    std::optional<time_point> moved;
};

struct kept final : internal::byte_budget::cache {
    explicit kept(internal::byte_budget& of) : budget(of) { budget.set_cache(*this); }
    void drop() noexcept override { budget.count_cached(0); }
    internal::byte_budget& budget;
};

}  // namespace

TEST_CASE("a budget promises memory in the order of the requests while it fits; small messages never wait") {
    internal::byte_budget budget;
    budget.limit(8 * mib);
    connection first(budget);
    connection second(budget);
    connection third(budget);
    connection small(budget);
    CHECK(first.may_hold(5 * mib));
    CHECK_FALSE(second.may_hold(4 * mib));
    CHECK_FALSE(third.may_hold(mib));  // it would fit, but must not overtake the second holder
    CHECK_FALSE(second.may_hold(4 * mib));
    CHECK(small.may_hold(internal::byte_budget::always_bytes));
    CHECK(budget.used_bytes() == 5 * mib);
    CHECK(budget.waiting() == 2);
    first.hold(2 * mib);  // a part of the promised bytes
    CHECK(budget.held_bytes() == 2 * mib);
    CHECK(budget.used_bytes() == 5 * mib);
    CHECK(second.resumed == 0);
    first.unpromise();
    CHECK(second.resumed == 1);
    CHECK(third.resumed == 1);
    CHECK(budget.used_bytes() == 7 * mib);
    CHECK(budget.waiting() == 0);
    CHECK(second.may_hold(4 * mib));
}

TEST_CASE("a large holder continues when all other large ones wait, so that memory is released") {
    internal::byte_budget budget;
    budget.limit(4 * mib);
    connection first(budget);
    connection second(budget);
    CHECK(first.may_hold(16 * mib));  // no other holder holds anything
    first.unpromise();
    first.hold(2 * mib);
    second.hold(2 * mib);
    CHECK_FALSE(first.may_hold(3 * mib));
    CHECK(first.resumed == 0);
    CHECK_FALSE(second.may_hold(3 * mib));
    CHECK(first.resumed == 1);  // its request was first
    CHECK(second.resumed == 0);
    CHECK(budget.waiting() == 1);
    first.release();
    CHECK(second.resumed == 1);
}

TEST_CASE("a budget that is raised or removed lets all holders continue; a destroyed holder neither holds nor waits") {
    internal::byte_budget budget;
    budget.limit(mib);
    connection first(budget);
    first.hold(mib);
    {
        connection second(budget);
        CHECK_FALSE(second.may_hold(mib));
        CHECK(budget.waiting() == 1);
    }
    CHECK(budget.held_bytes() == mib);
    CHECK(budget.waiting() == 0);
    connection third(budget);
    CHECK_FALSE(third.may_hold(mib));
    budget.limit(std::nullopt);
    CHECK(third.resumed == 1);
    CHECK(third.may_hold(64 * mib));
}

TEST_CASE("memory that is kept for reuse counts as used, and is freed before a holder has to wait") {
    internal::byte_budget budget;
    kept spare(budget);
    budget.limit(4 * mib);
    connection one(budget);
    connection other(budget);
    other.hold(mib);
    budget.count_cached(2 * mib);
    CHECK(budget.used_bytes() == 3 * mib);
    CHECK(one.may_hold(3 * mib));
    CHECK(budget.used_bytes() == 4 * mib);
}

TEST_CASE("while a holder waits, the largest holders whose peers make no progress are closed, no more than needed") {
    internal::byte_budget budget;
    budget.limit(8 * mib);
    const time_point now = time_point() + 1h;
    std::deque<connection> all;
    for (int i = 0; i < 4; ++i) all.emplace_back(budget);
    const auto [slow, large, moving, served] = std::tie(all[0], all[1], all[2], all[3]);
    slow.hold(mib);
    slow.moved = now - 10s;
    large.hold(2 * mib);
    large.moved = now - internal::byte_budget::patience;
    moving.hold(3 * mib);
    moving.moved = now - internal::byte_budget::patience + 1ms;
    served.hold(2 * mib);  // waits for the program itself, so the peer is not at fault
    budget.check(now);
    CHECK(budget.evicted() == 0);  // no holder waits
    connection waits(budget);
    CHECK_FALSE(waits.may_hold(mib));
    budget.check(now);
    CHECK(large.evicted == 1);
    CHECK(waits.resumed == 1);
    budget.check(now);
    CHECK(budget.evicted() == 1);
    connection more(budget);
    CHECK_FALSE(more.may_hold(7 * mib));
    budget.check(now);
    CHECK(slow.evicted == 1);
    budget.check(now);
    CHECK(moving.evicted + served.evicted == 0);
    CHECK(more.resumed == 0);
}

// Peers send messages of 1 MiB and take no reply: each connection would hold 2 MiB.
TEST_CASE("thousands of peers that take no reply hold no more than the budget and the bytes that are always allowed") {
    internal::byte_budget budget;
    budget.limit(16 * mib);
    internal::random_source draw(4);
    std::deque<connection> all;
    for (int i = 0; i < 3000; ++i) all.emplace_back(budget);
    std::vector<std::size_t> holds(3000, 0);
    time_point now = time_point() + 1h;
    std::size_t most = 0;
    for (int step = 0; step < 100'000; ++step) {
        now += 1ms;
        if (step % 250 == 0) budget.check(now);
        const auto which = static_cast<std::size_t>(draw.below(3000));
        connection& one = all[which];
        if (std::exchange(one.evicted, 0) != 0) holds[which] = 0;
        if (holds[which] == 2 * mib || !one.may_hold(holds[which] == 0 ? 4096 : 2 * mib)) continue;
        one.moved = now;
        holds[which] = holds[which] == 0 ? 4096 : std::min<std::size_t>(holds[which] + 256 * 1024, 2 * mib);
        one.hold(holds[which]);
        most = std::max(most, budget.held_bytes());
    }
    CHECK(most > 12 * mib);
    CHECK(most <= 16 * mib + 3000 * internal::byte_budget::always_bytes);
    CHECK(budget.evicted() > 100);
    CHECK(budget.waiting() > 100);
}

TEST_CASE("when no large holder can be closed, a waiting holder continues after a while") {
    internal::byte_budget budget;
    budget.limit(mib);
    connection program(budget);  // its handler waits for the other connection, which the budget cannot detect
    connection waits(budget);
    program.hold(mib);
    CHECK_FALSE(waits.may_hold(mib));
    const time_point now = time_point() + 1h;
    budget.check(now);
    budget.check(now + internal::byte_budget::patience - 1ms);
    CHECK(waits.resumed == 0);
    budget.check(now + internal::byte_budget::patience);
    CHECK(waits.resumed == 1);
    CHECK(budget.waiting() == 0);
}

TEST_CASE("after a peak the budget reports that memory can be returned to the system, until the peak is forgotten") {
    internal::byte_budget budget;
    budget.limit(std::nullopt);
    connection one(budget);
    one.hold(internal::byte_budget::least_peak_bytes);
    one.hold(internal::byte_budget::least_peak_bytes / 4);
    CHECK_FALSE(budget.has_fallen());
    one.hold(0);
    CHECK(budget.has_fallen());
    budget.forget_peak();
    CHECK_FALSE(budget.has_fallen());
}

TEST_CASE("the memory that a process may use is the smallest limit of its cgroups and their parents") {
    const auto root = std::filesystem::temp_directory_path() / ("weir-cgroup-" + std::to_string(::getpid()));
    const struct removed {
        std::filesystem::path path;
        ~removed() { std::filesystem::remove_all(path); }
    } at_end{root};
    const auto write = [&](const std::string& path, const std::string& text) {
        std::filesystem::create_directories((root / path).parent_path());
        std::ofstream(root / path) << text;
    };
    CHECK(internal::cgroup_memory_limit("0::/a/b\n", root) == std::nullopt);
    write("a/b/memory.max", "max\n");
    CHECK(internal::cgroup_memory_limit("0::/a/b\n", root) == std::nullopt);
    write("a/memory.max", "268435456\n");
    CHECK(internal::cgroup_memory_limit("0::/a/b\n", root) == 268435456);
    CHECK(internal::cgroup_memory_limit("0::/\n", root) == std::nullopt);
    write("memory/c/memory.limit_in_bytes", "9223372036854771712\n");
    CHECK(internal::cgroup_memory_limit("4:cpu,memory:/c\n", root) == std::nullopt);
    write("memory/memory.limit_in_bytes", "1048576\n");
    CHECK(internal::cgroup_memory_limit("3:cpuset:/\n4:cpu,memory:/c\n0::/a\n", root) == 1048576);
    CHECK(internal::cgroup_memory_limit("nonsense\n\n", root) == std::nullopt);
    CHECK(internal::byte_budget::default_limit_bytes() <= std::size_t{256} << 20);
    CHECK(internal::byte_budget::default_limit_bytes() <= internal::memory_allowed() / 4);
}
