// weir::loop: turns, other threads, and the real backends.
#include "weir/loop/loop.h"
#include "weir/coroutine/run.h"
#include "weir/kernel/open_backend.h"

#include <doctest/doctest.h>
#include <pthread.h>

#include <atomic>
#include <latch>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/aborting.h"
#include "virtual_backend.h"
#include "weir/coroutine/offload.h"
#include "weir/coroutine/queue.h"
#include "weir/coroutine/scope.h"
#include "weir/coroutine/sleep.h"
#include "weir/coroutine/started.h"
#include "weir/coroutine/when.h"
#include "weir/service/connect.h"
#include "weir/socket/clock.h"

using namespace std::chrono_literals;
using weir::errc;
using weir::task;

TEST_CASE("run() returns the result of the task, and time is real") {
    const auto sleeper = []() -> task<weir::duration> {
        const auto begin = weir::loop::current().now();
        CHECK(co_await weir::sleep(20ms));
        co_return weir::loop::current().now() - begin;
    };
    CHECK(weir::run(sleeper()) >= 20ms);
}

TEST_CASE("posts of other threads wake the loop and run, in the order in which each thread posted them") {
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

TEST_CASE("a function posted to a loop that has ended does not run, and post() returns false") {
    std::optional<weir::remote> kept;
    {
        weir::loop here(std::make_unique<weir_test::virtual_backend>());
        kept = here.from_elsewhere();
        CHECK(kept->post([] {}));
    }
    CHECK_FALSE(kept->post([] { FAIL("it ran"); }));
}

TEST_CASE("offloaded work runs on another thread, and its task continues on the loop") {
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

TEST_CASE("after a posted function throws, later ones still run, and no offload waits for ever") {
    const auto work = []() -> task<int> {
        const auto answer = co_await weir::offload([] { return 42; });
        co_return answer ? *answer : -1;
    };
    weir::loop here(std::make_unique<weir_test::virtual_backend>());
    weir::started works(here, work());
    const weir::remote back = here.from_elsewhere();
    here.run_once(weir::deadline(here.now()));  // starts the offloaded work
    std::string ran;
    CHECK(back.post([&] { ran += 'a'; }));
    CHECK(back.post([] { throw std::runtime_error("thrown by a posted function"); }));
    CHECK(back.post([&] { ran += 'b'; }));
    // The result of the offloaded work is posted in this turn, after these functions.
    CHECK_THROWS_WITH(here.run_once(weir::deadline(here.now())), "thrown by a posted function");
    CHECK(ran == "a");
    CHECK(back.post([&] { ran += 'c'; }));
    here.run_once(weir::deadline::never());
    CHECK(ran == "abc");
    here.run_once(weir::deadline(here.now()));
    REQUIRE(works.has_ended());
    CHECK(works.take() == 42);
}

TEST_CASE("run() throws the exception of a posted function, after it has destroyed its task inside the loop") {
    weir::loop here(std::make_unique<weir_test::virtual_backend>());
    const auto held = std::make_shared<int>(1);
    const auto waits = [](std::shared_ptr<int> one, weir::queue<int>& from) -> task<> {
        static_cast<void>(co_await from.pop());
        static_cast<void>(one);
    };
    weir::queue<int> numbers(1);
    const weir::remote back = here.from_elsewhere();
    CHECK(back.post([] { throw std::runtime_error("before it began"); }));
    CHECK_THROWS_WITH(here.run(waits(held, numbers)), "before it began");
    CHECK(held.use_count() == 1);
    const auto throws_later = [](weir::remote to) -> task<> {
        CHECK(to.post([] { throw std::runtime_error("while it waited"); }));
        co_await weir::sleep(1h);
    };
    CHECK_THROWS_WITH(here.run(throws_later(back)), "while it waited");
    here.cancel();  // has no effect, because nothing runs
    CHECK(here.run([]() -> task<int> { co_return 7; }()) == 7);
}

TEST_CASE("a posted function may throw while connections close, too") {
    // A stand-in for a connection that needs two turns to close.
    struct departure final : weir::internal::ready_item {
        explicit departure(weir::loop& of) : here(of) {}
        void run() override { unlist(); }
        weir::loop& here;
    };
    weir::loop here(std::make_unique<weir_test::virtual_backend>());
    departure leaves(here);
    here.add_closing(leaves);
    const weir::remote back = here.from_elsewhere();
    std::string ran;
    const auto ends_at_once = [](weir::remote to, std::string& into, departure& one) -> task<> {
        CHECK(to.post([] { throw std::runtime_error("at the end"); }));
        CHECK(to.post([&] {
            into += 'b';
            one.run();
        }));
        co_return;
    };
    CHECK_THROWS_WITH(here.run(ends_at_once(back, ran, leaves)), "at the end");
    CHECK(ran == "b");
}

TEST_CASE("the captures of offloaded work are destroyed before its task resumes, and block no other work meanwhile") {
    struct slow {
        std::latch& other_ran;
        std::atomic<bool>& in_time;
        ~slow() {
            for (const auto until = weir::within(20s); !until.passed(weir::now()) && !in_time;) {
                in_time = other_ran.try_wait();
                std::this_thread::yield();
            }
        }
    };
    std::latch other_ran(1);
    std::atomic<bool> in_time = false;
    const auto first = [](std::latch& other, std::atomic<bool>& seen) -> task<> {
        auto work = [captured = std::make_shared<slow>(other, seen)] { return 1; };
        CHECK(co_await weir::offload(std::move(work)));
        CHECK(seen);  // the destructor of the capture has ended
    };
    const auto second = [](std::latch& other) -> task<> {
        co_await weir::sleep(5ms);
        CHECK(co_await weir::offload([&other] { other.count_down(); }));
    };
    weir::run([](task<> one, task<> two) -> task<> { co_await weir::when_all(std::move(one), std::move(two)); }(
                                             first(other_ran, in_time), second(other_ran)));
    CHECK(in_time);
}

TEST_CASE("a loop that ends does not wait for leave_behind work, but for all other offloaded work") {
    struct shared {
        std::latch begun{2};
        std::latch goes_on{1};
        std::latch ended{1};
        std::atomic<bool> has_finished = false;
    };
    const auto all = std::make_shared<shared>();
    {
        weir::loop here(weir::system_backend());
        const auto leaves = [](std::shared_ptr<shared> of) -> task<> {
            auto blocks = [of] {
                of->begun.count_down();
                of->goes_on.wait();
                of->ended.count_down();
            };
            static_cast<void>(co_await weir::offload(std::move(blocks), weir::at_loop_end::leave_behind));
        };
        const auto waits = [](std::shared_ptr<shared> of) -> task<> {
            auto finishes = [of] {
                of->begun.arrive_and_wait();
                of->has_finished = true;
            };
            static_cast<void>(co_await weir::offload(std::move(finishes)));
        };
        const auto both = [](task<> one, task<> other) -> task<> {
            co_await weir::when_any(std::move(one), std::move(other));
        };
        here.run(both(leaves(all), waits(all)));
    }  // a loop that waited for the work left behind would hang here
    CHECK(all->has_finished);
    all->goes_on.count_down();
    all->ended.wait();
}

TEST_CASE("if no thread can be started, an offload returns an error, and later offloads work again") {
    // With a default stack size larger than any address space, every start of a thread fails.
    pthread_attr_t usual;
    REQUIRE(pthread_getattr_default_np(&usual) == 0);
    pthread_attr_t huge;
    REQUIRE(pthread_getattr_default_np(&huge) == 0);
    REQUIRE(pthread_attr_setstacksize(&huge, std::size_t{1} << 50) == 0);
    const auto asks = [](pthread_attr_t& of_others) -> task<> {
        const auto refused = co_await weir::offload([] { return 1; });
        CHECK(refused == errc::system);
        CHECK(refused.error().message().find("no thread can be started") != std::string::npos);
        const auto connected = co_await weir::connect_stream("localhost:1");
        CHECK(connected == errc::system);
        CHECK(connected.error().message().find("connect localhost:1: ") == 0);
        REQUIRE(pthread_setattr_default_np(&of_others) == 0);
        const auto done = co_await weir::offload([] { return 2; });
        REQUIRE(done);
        CHECK(*done == 2);
    };
    for (const auto kind : {weir::backend_kind::epoll, weir::backend_kind::io_uring}) {
        weir::loop here(std::move(*weir::open_backend(kind)));
        REQUIRE(pthread_setattr_default_np(&huge) == 0);
        here.run(asks(usual));
    }
    pthread_attr_destroy(&huge);
    pthread_attr_destroy(&usual);
}

TEST_CASE("a foreign loop runs turns with run_once()") {
    weir::loop here(weir::system_backend());
    int posted = 0;
    CHECK(here.from_elsewhere().post([&] { ++posted; }));
    here.run_once(weir::deadline(here.now()));
    CHECK(posted == 1);
}

namespace {

struct mark {
    bool& gone;
    ~mark() { gone = true; }
};

task<int> two_turns(bool& gone) {
    const mark until_the_end{gone};
    co_await weir::sleep(1ms);
    co_return 7;
}

task<int> sleeps_long(bool& gone) {
    const mark until_the_end{gone};
    const auto slept = co_await weir::sleep(1h);
    co_return slept ? 1 : 2;
}

}  // namespace

TEST_CASE("a started task continues while a foreign loop runs turns") {
    weir::loop here(weir::system_backend());
    bool gone = false;
    weir::started<int> one(here, two_turns(gone));
    CHECK_FALSE(one.has_ended());
    int turns = 0;
    for (; !one.has_ended() && turns < 100'000; ++turns) here.run_once(weir::within(1s));
    CHECK(one.take() == 7);
    CHECK(turns >= 2);
    CHECK(turns < 10);
    CHECK(gone);
}

TEST_CASE("a started task can be cancelled, or destroyed while it waits") {
    weir::loop here(weir::system_backend());
    bool gone = false;
    weir::started<int> cancelled(here, sleeps_long(gone));
    here.run_once(here.now());
    cancelled.cancel();
    for (int i = 0; i < 5 && !cancelled.has_ended(); ++i) here.run_once(weir::within(1s));
    CHECK(cancelled.take() == 2);
    gone = false;
    {
        weir::started<int> left(here, sleeps_long(gone));
        here.run_once(here.now());
        CHECK_FALSE(gone);
    }
    CHECK(gone);
    CHECK(here.due().is_never());
    const auto [said, was_aborted] = weir_test::aborting([] {
        weir::loop other(weir::system_backend());
        bool never = false;
        weir::started<int> early(other, sleeps_long(never));
        static_cast<void>(early.take());
    });
    CHECK(was_aborted);
    CHECK(said.find("before the task has ended") != std::string::npos);
}

TEST_CASE("a loop that is run from inside itself fails a check") {
    const auto [said, was_aborted] = weir_test::aborting([] {
        weir::loop here(weir::system_backend());
        const auto inside = [](weir::loop& own) -> task<> {
            own.run_once(own.now());
            co_return;
        };
        here.run(inside(here));
    });
    CHECK(was_aborted);
    CHECK(said.find("run from inside itself") != std::string::npos);
}

TEST_CASE("loop::cancel() cancels the task that run() runs") {
    weir::loop here(std::make_unique<weir_test::virtual_backend>());
    const auto waiter = [](weir::loop& own) -> task<weir::result<void>> {
        CHECK(own.from_elsewhere().post([&own] { own.cancel(); }));
        co_return co_await weir::sleep(1h);
    };
    CHECK(here.run(waiter(here)) == errc::cancelled);
}
