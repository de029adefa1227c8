// The loop itself: turns, other threads, and the real world.
#include "weir/loop/loop.h"

#include <doctest/doctest.h>

#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "virtual_world.h"
#include "weir/loop/offload.h"
#include "weir/loop/queue.h"
#include "weir/loop/scope.h"
#include "weir/loop/sleep.h"

using namespace std::chrono_literals;
using weir::errc;
using weir::task;

TEST_CASE("run() gives what the task gave, in real time") {
    const auto sleeper = []() -> task<weir::duration> {
        const auto begin = weir::loop::current().now();
        CHECK(co_await weir::sleep(20ms));
        co_return weir::loop::current().now() - begin;
    };
    CHECK(weir::run(sleeper()) >= 20ms);
}

TEST_CASE("other threads post work, each in its order, and the loop wakes for it") {
    constexpr int threads = 4;
    constexpr int posts = 1000;
    const auto collect = []() -> task<std::vector<int>> {
        weir::queue<int> numbers(threads * posts);
        const weir::remote here = weir::loop::current().from_elsewhere();
        std::vector<std::thread> others;
        const auto push_now = [](weir::queue<int>& into, int number) -> task<> { CHECK(co_await into.push(number)); };
        weir::scope children;
        for (int thread = 0; thread < threads; ++thread) {
            others.emplace_back([&, thread] {
                for (int i = 0; i < posts; ++i) {
                    CHECK(here.post([&, thread, i] { children.spawn(push_now(numbers, thread * posts + i)); }));
                }
            });
        }
        std::vector<int> seen;
        while (seen.size() < threads * posts) seen.push_back(*co_await numbers.pop());
        for (auto& one : others) one.join();
        co_return seen;
    };
    const auto seen = weir::run(collect());
    std::vector<int> last(threads, -1);
    for (const int number : seen) {
        CHECK(number % posts == last[static_cast<std::size_t>(number / posts)] + 1);
        last[static_cast<std::size_t>(number / posts)] = number % posts;
    }
}

TEST_CASE("what is posted to a loop that has ended is not run, and the one who posts is told") {
    std::optional<weir::remote> kept;
    {
        weir::loop here(std::make_unique<weir_test::virtual_world>());
        kept = here.from_elsewhere();
        CHECK(kept->post([] {}));
    }
    CHECK_FALSE(kept->post([] { FAIL("it ran"); }));
}

TEST_CASE("work that blocks runs beside the loop") {
    const auto body = []() -> task<> {
        const auto here = std::this_thread::get_id();
        auto elsewhere = co_await weir::offload([] { return std::this_thread::get_id(); });
        CHECK(*elsewhere != here);
        CHECK(std::this_thread::get_id() == here);
        CHECK(co_await weir::offload([] {}));
        bool caught = false;
        try {
            static_cast<void>(co_await weir::offload([]() -> int { throw std::runtime_error("there"); }));
        } catch (const std::runtime_error&) {
            caught = true;
        }
        CHECK(caught);
    };
    weir::run(body());
}

TEST_CASE("a foreign loop turns it by hand") {
    weir::loop here(weir::real_world());
    int posted = 0;
    CHECK(here.from_elsewhere().post([&] { ++posted; }));
    here.run_once(weir::deadline(here.now()));
    CHECK(posted == 1);
}

TEST_CASE("cancel() ends what run() runs") {
    weir::loop here(std::make_unique<weir_test::virtual_world>());
    const auto waiter = [](weir::loop& own) -> task<weir::result<void>> {
        CHECK(own.from_elsewhere().post([&own] { own.cancel(); }));
        co_return co_await weir::sleep(1h);
    };
    CHECK(here.run(waiter(here)) == errc::cancelled);
}
