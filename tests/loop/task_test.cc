// Tasks: values, exceptions, depth, and tasks that are never awaited.
#include "weir/coroutine/task.h"

#include <doctest/doctest.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "virtual_backend.h"
#include "weir/coroutine/sleep.h"

using namespace std::chrono_literals;
using weir::errc;
using weir::task;
using weir_test::run_virtually;

namespace {

task<int> ready(int value) { co_return value; }

task<std::unique_ptr<int>> movable() { co_return std::make_unique<int>(7); }

task<weir::result<int>> half(int value) {
    if (value % 2 != 0) co_return weir::error(errc::invalid, "half", std::to_string(value));
    co_return value / 2;
}

task<int> thrower() {
    throw std::runtime_error("thrown in a task");
    co_return 0;
}

task<int> deep(int levels) {
    if (levels == 0) co_return 0;
    co_return 1 + co_await deep(levels - 1);
}

task<> deep_sleep(int levels) {
    if (levels == 0) {
        CHECK(co_await weir::sleep(1s));
    } else {
        co_await deep_sleep(levels - 1);
    }
}

}  // namespace

TEST_CASE("an awaiting task gets the value of the awaited task") {
    CHECK(run_virtually(ready(42)) == 42);
    CHECK(*run_virtually(movable()) == 7);
    CHECK(*run_virtually(half(8)) == 4);
    CHECK(run_virtually(half(7)) == errc::invalid);
}

TEST_CASE("awaiting five million ready tasks one after another uses constant stack space") {
    const auto sum = [](int number) -> task<std::int64_t> {
        std::int64_t total = 0;
        for (int i = 0; i < number; ++i) total += co_await ready(i);
        co_return total;
    };
    CHECK(run_virtually(sum(5'000'000)) == std::int64_t{5'000'000} * 4'999'999 / 2);
}

TEST_CASE("calls may nest as deep as memory allows, whether they suspend or not") {
    CHECK(run_virtually(deep(200'000)) == 200'000);
    run_virtually(deep_sleep(200'000));
}

TEST_CASE("an exception reaches the awaiting task") {
    CHECK_THROWS_WITH(run_virtually(thrower()), "thrown in a task");
    const auto catcher = []() -> task<std::string> {
        try {
            co_return std::to_string(co_await thrower());
        } catch (const std::runtime_error& caught) {
            co_return caught.what();
        }
    };
    CHECK(run_virtually(catcher()) == "thrown in a task");
}

TEST_CASE("destroying a task that was never awaited destroys its arguments") {
    const auto held = std::make_shared<int>(1);
    {
        const auto unused = [](std::shared_ptr<int> one) -> task<> {
            static_cast<void>(one);
            co_return;
        }(held);
        CHECK(held.use_count() == 2);
    }
    CHECK(held.use_count() == 1);
}

TEST_CASE("the memory of coroutine frames is reused") {
    const std::size_t before = weir::internal::frame_pool::kept_bytes();
    const auto many = []() -> task<> {
        for (int i = 0; i < 1000; ++i) co_await ready(i);
    };
    run_virtually(many());
    CHECK(weir::internal::frame_pool::kept_bytes() - before <= 4096);
}
