// Timers and sleeping, in virtual time.
#include "weir/loop/timer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "virtual_backend.h"
#include "weir/base/internal/random.h"
#include "weir/coroutine/scope.h"
#include "weir/coroutine/sleep.h"

using namespace std::chrono_literals;
using weir::task;
using weir::time_point;
using weir_test::run_virtually;

namespace {

struct noted final : weir::timer {
    noted(int which, std::vector<int>& into) : number(which), expired(into) {}
    void expire() override { expired.push_back(number); }
    int number;
    std::vector<int>& expired;
};

}  // namespace

TEST_CASE("timers expire in the order of their times, and at equal times in the order in which they were set") {
    std::vector<int> expired;
    weir::timer_heap heap;
    noted a(1, expired), b(2, expired), c(3, expired), d(4, expired);
    heap.set(a, time_point(5s));
    heap.set(b, time_point(3s));
    heap.set(c, time_point(5s));
    heap.set(d, time_point(4s));
    heap.set(a, time_point(5s));  // set again, so now it expires after c
    b.unset();
    CHECK(heap.next().at() == time_point(4s));
    heap.expire(time_point(4s));
    CHECK(expired == std::vector<int>{4});
    heap.expire(time_point(9s));
    CHECK(expired == std::vector<int>{4, 3, 1});
    CHECK(heap.next().is_never());
}

TEST_CASE("timers expire correctly after any sequence of setting and removing them") {
    weir::internal::random_source draw(1);
    for (int round = 0; round < 200; ++round) {
        weir::timer_heap heap;
        std::vector<int> expired;
        std::vector<std::unique_ptr<noted>> timers;
        std::vector<std::pair<std::uint64_t, int>> due(30, {UINT64_MAX, 0});
        int sequence = 0;
        for (int i = 0; i < 30; ++i) timers.push_back(std::make_unique<noted>(i, expired));
        for (int step = 0; step < 100; ++step) {
            const std::size_t which = static_cast<std::size_t>(draw.below(30));
            if (draw.one_in(3)) {
                timers[which]->unset();
                due[which].first = UINT64_MAX;
            } else {
                const std::uint64_t at = draw.below(20);
                heap.set(*timers[which], time_point(std::chrono::seconds(at)));
                due[which] = {at, sequence++};
            }
        }
        std::vector<int> expected;
        for (int i = 0; i < 30; ++i) {
            if (due[static_cast<std::size_t>(i)].first <= 10) expected.push_back(i);
        }
        std::sort(expected.begin(), expected.end(), [&](int one, int other) {
            return due[static_cast<std::size_t>(one)] < due[static_cast<std::size_t>(other)];
        });
        heap.expire(time_point(10s));
        REQUIRE(expired == expected);
        timers.clear();  // destroying a timer removes it from the heap
        CHECK(heap.size() == 0);
    }
}

TEST_CASE("time passes while a task sleeps, and does not change during a turn") {
    const auto sleeper = []() -> task<> {
        auto& here = weir::loop::current();
        const time_point begin = here.now();
        CHECK(co_await weir::sleep(250ms));
        CHECK(here.now() - begin == 250ms);
        CHECK(co_await weir::sleep(0s));
        CHECK(here.now() - begin == 250ms);
        CHECK(co_await weir::sleep_until(begin));
        CHECK(here.now() - begin == 250ms);
    };
    run_virtually(sleeper());
}

TEST_CASE("sleepers wake in the order of their times") {
    const auto sleeper = [](std::vector<int>& woken, int number) -> task<> {
        CHECK(co_await weir::sleep(std::chrono::milliseconds(number)));
        woken.push_back(number);
    };
    const auto body = [](weir::scope& children, std::vector<int>& woken, auto spawned) -> task<> {
        for (const int number : {5, 1, 4, 2, 3}) children.spawn(spawned(woken, number));
        co_return;
    };
    std::vector<int> woken;
    const auto parent = [](auto spawn_all, std::vector<int>& into, auto spawned) -> task<> {
        weir::scope children;
        children.spawn(spawn_all(children, into, spawned));
        CHECK(co_await children);
    };
    run_virtually(parent(body, woken, sleeper));
    CHECK(woken == std::vector<int>{1, 2, 3, 4, 5});
}
