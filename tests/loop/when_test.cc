// when_all, when_any, with_deadline: all tasks have ended when the awaiting task resumes, and a cancel reaches all of
// them.
#include "weir/coroutine/when.h"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

#include "virtual_backend.h"
#include "weir/coroutine/sleep.h"

using namespace std::chrono_literals;
using weir::errc;
using weir::task;
using weir_test::run_virtually;

namespace {

task<int> after(weir::duration time, int value) {
    static_cast<void>(co_await weir::sleep(time));
    co_return value;
}

task<> nothing() { co_return; }

task<weir::result<int>> patient(weir::duration time, int value, bool* was_cancelled) {
    const auto slept = co_await weir::sleep(time);
    *was_cancelled = slept == errc::cancelled;
    if (!slept) co_return slept.error();
    co_return value;
}

task<int> thrower(weir::duration time) {
    static_cast<void>(co_await weir::sleep(time));
    throw std::runtime_error("thrown");
}

weir::duration elapsed(weir::time_point begin) { return weir::loop::current().now() - begin; }

}  // namespace

TEST_CASE("when_all waits for all tasks and returns all results") {
    const auto parent = []() -> task<> {
        const auto begin = weir::loop::current().now();
        auto [one, two, none] = co_await weir::when_all(after(3s, 1), after(1s, 2), nothing());
        CHECK(one == 1);
        CHECK(two == 2);
        CHECK(none == std::monostate());
        CHECK(elapsed(begin) == 3s);
    };
    run_virtually(parent());
}

TEST_CASE("an exception in when_all cancels the others and is thrown when they have ended") {
    const auto parent = []() -> task<> {
        const auto begin = weir::loop::current().now();
        bool cancelled = false;
        bool caught = false;
        try {
            co_await weir::when_all(patient(1h, 1, &cancelled), thrower(2s), after(1s, 5));
        } catch (const std::runtime_error&) {
            caught = true;
        }
        CHECK(caught);
        CHECK(cancelled);
        CHECK(elapsed(begin) == 2s);
    };
    run_virtually(parent());
}

TEST_CASE("when_any returns the first result, and the other tasks are cancelled and have ended") {
    const auto parent = []() -> task<> {
        const auto begin = weir::loop::current().now();
        bool cancelled = false;
        auto first = co_await weir::when_any(patient(1h, 1, &cancelled), after(1s, 7), nothing(), nothing());
        CHECK(first.index() == 2);
        CHECK(cancelled);
        CHECK(elapsed(begin) == 0s);
        auto second = co_await weir::when_any(patient(1h, 1, &cancelled), after(1s, 7));
        CHECK(std::get<1>(second) == 7);
        CHECK(elapsed(begin) == 1s);
    };
    run_virtually(parent());
}

TEST_CASE("with_deadline cancels a task at the deadline, and returns a result that is ready in time") {
    const auto parent = []() -> task<> {
        const auto begin = weir::loop::current().now();
        bool cancelled = false;
        CHECK(co_await weir::with_deadline(patient(1h, 1, &cancelled), begin + 2s) == errc::timed_out);
        CHECK(cancelled);
        CHECK(elapsed(begin) == 2s);
        auto done = co_await weir::with_deadline(patient(1s, 9, &cancelled), begin + 5s);
        CHECK_FALSE(cancelled);
        CHECK(*done == 9);
        CHECK(elapsed(begin) == 3s);
        CHECK(*co_await weir::with_deadline(after(1s, 4), weir::deadline()) == 4);
        CHECK(co_await weir::with_deadline(after(1h, 4), begin + 5s) == errc::timed_out);
        CHECK(co_await weir::with_deadline(nothing(), begin + 9s));
        CHECK(co_await weir::with_deadline(nothing(), begin) == errc::timed_out);
    };
    run_virtually(parent());
}

TEST_CASE("a cancel reaches the innermost tasks through every combinator") {
    const auto parent = []() -> task<> {
        bool one = false;
        bool two = false;
        const auto tree = [](bool* first, bool* second) -> task<int> {
            auto both = co_await weir::when_all(patient(1h, 1, first), patient(1h, 2, second));
            CHECK(std::get<0>(both) == errc::cancelled);
            CHECK(co_await weir::sleep(1h) == errc::cancelled);  // a cancelled task stays cancelled
            co_return 1;
        };
        auto late = co_await weir::with_deadline(tree(&one, &two), weir::loop::current().now() + 1s);
        CHECK(late == errc::timed_out);
        CHECK(one);
        CHECK(two);
    };
    run_virtually(parent());
}
