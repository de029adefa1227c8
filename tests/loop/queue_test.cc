// Queues between tasks: order, capacity, closing, and cancels that lose nothing.
#include "weir/coroutine/queue.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "virtual_backend.h"
#include "weir/coroutine/scope.h"
#include "weir/coroutine/sleep.h"
#include "weir/coroutine/when.h"

using namespace std::chrono_literals;
using weir::errc;
using weir::task;
using weir_test::run_virtually;

namespace {

using numbers = weir::queue<int>;

task<> producer(numbers& into, int from, int to) {
    for (int i = from; i < to; ++i) CHECK(co_await into.push(i));
}

task<> consumer(numbers& from, std::vector<int>& into) {
    while (auto next = co_await from.pop()) into.push_back(*next);
}

task<weir::result<int>> pop_one(numbers& from) { co_return co_await from.pop(); }
task<weir::result<void>> push_one(numbers& into, int value) { co_return co_await into.push(value); }

}  // namespace

TEST_CASE("pushed items are popped in order, and a queue never exceeds its capacity") {
    for (const std::size_t capacity : {1u, 2u, 7u, 1000u}) {
        std::vector<int> popped;
        const auto parent = [](std::size_t room, std::vector<int>& into) -> task<> {
            numbers between(room);
            weir::scope children;
            children.spawn(consumer(between, into));
            co_await producer(between, 0, 100);
            CHECK(between.size() <= room);
            between.close();
            CHECK(co_await children);
        };
        run_virtually(parent(capacity, popped));
        REQUIRE(popped.size() == 100);
        for (int i = 0; i < 100; ++i) CHECK(popped[static_cast<std::size_t>(i)] == i);
    }
}

TEST_CASE("with several consumers and producers no item is lost or doubled") {
    std::vector<int> popped;
    const auto parent = [](std::vector<int>& into) -> task<> {
        numbers between(3);
        weir::scope consumers;
        for (int i = 0; i < 4; ++i) consumers.spawn(consumer(between, into));
        co_await weir::when_all(producer(between, 0, 50), producer(between, 50, 100), producer(between, 100, 150));
        between.close();
        CHECK(co_await consumers);
    };
    run_virtually(parent(popped));
    std::sort(popped.begin(), popped.end());
    REQUIRE(popped.size() == 150);
    for (int i = 0; i < 150; ++i) CHECK(popped[static_cast<std::size_t>(i)] == i);
}

TEST_CASE("the items of a closed queue can still be popped, and a push is refused") {
    const auto parent = []() -> task<> {
        numbers some(2);
        CHECK(co_await some.push(1));
        some.close();
        CHECK(co_await some.push(2) == errc::closed);
        CHECK(*co_await some.pop() == 1);
        CHECK(co_await some.pop() == errc::closed);
    };
    run_virtually(parent());
}

TEST_CASE("a pop that is cancelled in the turn in which an item is pushed leaves the item in the queue") {
    const auto parent = []() -> task<> {
        numbers some(2);
        const auto both = [](numbers& into) -> task<> {
            CHECK(co_await weir::sleep(1s));
            CHECK(co_await into.push(1));  // resumes the waiting task later; this task ends first, and cancels it
        };
        auto first = co_await weir::when_any(pop_one(some), both(some));
        CHECK(first.index() == 1);
        CHECK(some.size() == 1);
        CHECK(*co_await some.pop() == 1);
    };
    run_virtually(parent());
}

TEST_CASE("a cancelled push leaves no item in the queue, and earlier waiting pushes complete") {
    const auto parent = []() -> task<> {
        numbers some(1);
        CHECK(co_await some.push(0));
        weir::scope children;
        std::vector<int> popped;
        children.spawn(push_one(some, 1));
        const auto canceller = [](numbers& from) -> task<> {
            static_cast<void>(co_await weir::with_deadline(push_one(from, 2), weir::loop::current().now() + 1s));
        };
        co_await canceller(some);
        CHECK(*co_await some.pop() == 0);
        CHECK(*co_await some.pop() == 1);
        CHECK(co_await children);
        CHECK(some.size() == 0);
    };
    run_virtually(parent());
}

TEST_CASE("try_push() is refused by a queue that is full or closed, or in which another task waits to push") {
    const auto parent = []() -> task<> {
        numbers some(2);
        CHECK(some.try_push(1));
        CHECK(some.try_push(2));
        CHECK_FALSE(some.try_push(3));
        weir::scope children;
        children.spawn(push_one(some, 4));
        CHECK(co_await weir::sleep(1s));
        CHECK(*co_await some.pop() == 1);
        CHECK_FALSE(some.try_push(5));  // the free place is reserved for the waiting task
        CHECK(co_await children);
        CHECK(*co_await some.pop() == 2);
        CHECK(*co_await some.pop() == 4);
        std::vector<int> popped;
        children.spawn(consumer(some, popped));
        CHECK(co_await weir::sleep(1s));
        CHECK(some.try_push(6));  // resumes the waiting task
        CHECK(co_await weir::sleep(1s));
        CHECK(popped == std::vector<int>{6});
        some.close();
        CHECK_FALSE(some.try_push(7));
        CHECK(co_await children);
        CHECK(popped == std::vector<int>{6});
    };
    run_virtually(parent());
}
