// Destroying tasks while they wait: the order of destruction, and any depth of nesting.
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "virtual_backend.h"
#include "weir/coroutine/queue.h"
#include "weir/coroutine/scope.h"
#include "weir/coroutine/sleep.h"
#include "weir/coroutine/started.h"
#include "weir/coroutine/when.h"

using namespace std::chrono_literals;
using weir::task;

namespace {

constexpr int depth = 150'000;

// Counts the existing coroutine frames.
struct counted {
    explicit counted(int& of) : count(of) { ++count; }
    counted(const counted&) = delete;
    counted& operator=(const counted&) = delete;
    ~counted() { --count; }
    int& count;
};

task<> calls(int levels, int& frames) {
    const counted here(frames);
    if (levels == 0) {
        co_await weir::sleep(1h);
    } else {
        co_await calls(levels - 1, frames);
    }
}

task<> combines(int levels, int& frames) {
    const counted here(frames);
    if (levels == 0) {
        co_await weir::sleep(1h);
    } else if (levels % 2 == 0) {
        co_await weir::when_all(combines(levels - 1, frames), calls(1, frames));
    } else {
        const auto done = co_await weir::with_deadline(combines(levels - 1, frames), weir::deadline());
        static_cast<void>(done);
    }
}

task<> spawns(weir::scope& children, int levels, std::reference_wrapper<int> frames) {
    const counted here(frames);
    if (levels == 0) {
        co_await weir::sleep(1h);
    } else {
        children.spawn(weir::in_scope(spawns, levels - 1, frames));
        children.spawn(weir::in_scope(spawns, 0, frames));
    }
}
task<> scopes(int levels, int& frames) {
    const auto done = co_await weir::in_scope(spawns, levels, std::ref(frames));
    static_cast<void>(done);
}

task<> pops(int levels, weir::queue<int>& from, int& frames) {
    const counted here(frames);
    if (levels == 0) {
        static_cast<void>(co_await from.pop());
    } else {
        co_await pops(levels - 1, from, frames);
    }
}

task<> wraps(task<> inner, int& frames) {
    const counted here(frames);
    co_await std::move(inner);
}

// Starts the task, runs turns until all of its tasks have started, and destroys it.
void destroy_waiting(task<> one, int turns, const int& frames, int least) {
    weir::loop here(std::make_unique<weir_test::virtual_backend>());
    {
        weir::started waits(here, std::move(one));
        for (int i = 0; i < turns; ++i) here.run_once(weir::deadline(here.now()));
        CHECK(frames >= least);
        CHECK_FALSE(waits.has_ended());
    }
    CHECK(frames == 0);
}

// Records its destruction.
struct noting {
    noting(std::string& into, char what) : all(into), one(what) {}
    noting(const noting&) = delete;
    noting& operator=(const noting&) = delete;
    ~noting() { all += one; }
    std::string& all;
    char one;
};

task<> innermost(std::string& all, char name, const noting& outer) {
    const noting here(all, name);
    co_await weir::sleep(1h);
    static_cast<void>(outer.one);
}
task<> middle(std::string& all, const noting& outer) {
    const noting first(all, 'b');
    const noting second(all, 'a');
    co_await innermost(all, outer.one == 'z' ? '1' : '?', second);
}
task<> body(weir::scope& children, std::reference_wrapper<std::string> all, const noting* outer) {
    const noting here(all, 'd');
    children.spawn(innermost(all, '2', here));
    children.spawn(innermost(all, '3', *outer));
    co_await weir::sleep(1h);
}
task<> outermost(std::string& all) {
    const noting here(all, 'z');
    co_await weir::when_all(middle(all, here), [](std::string& into, const noting& outer) -> task<> {
        const auto done = co_await weir::in_scope(body, std::ref(into), &outer);
        static_cast<void>(done);
    }(all, here));
}

}  // namespace

TEST_CASE("destroying a deep chain of waiting calls uses constant stack space") {
    int frames = 0;
    destroy_waiting(calls(depth, frames), 2, frames, depth);
}

TEST_CASE("destroying deeply nested combinators and scopes uses constant stack space") {
    int frames = 0;
    constexpr int levels = 250'000;  // each level begins in another turn
    destroy_waiting(combines(levels, frames), levels + 3, frames, levels);
    destroy_waiting(scopes(levels, frames), 2 * levels + 4, frames, levels);
}

TEST_CASE("destroying a deep chain that waits at a queue uses constant stack space, and frees its place in the queue") {
    int frames = 0;
    weir::loop here(std::make_unique<weir_test::virtual_backend>());
    weir::queue<int> numbers(1);
    {
        const weir::started waits(here, pops(depth, numbers, frames));
        here.run_once(weir::deadline(here.now()));
        here.run_once(weir::deadline(here.now()));
        CHECK(frames == depth + 1);
    }
    CHECK(frames == 0);
    const weir::loop::entered again(here);
    CHECK(numbers.try_push(1));
    CHECK(numbers.size() == 1);
}

TEST_CASE("destroying tasks that own tasks as arguments uses constant stack space, whether they have begun or not") {
    int frames = 0;
    const auto nested = [&frames](task<> innermost) {
        for (int i = 0; i < depth; ++i) innermost = wraps(std::move(innermost), frames);
        return innermost;
    };
    const auto held = std::make_shared<int>(1);
    const auto holds = [](std::shared_ptr<int> one) -> task<> {
        static_cast<void>(one);
        co_await weir::sleep(1h);
    };
    {
        const task<> never_begun = nested(holds(held));
    }
    CHECK(held.use_count() == 1);
    destroy_waiting(nested(holds(held)), 2, frames, depth);
    CHECK(held.use_count() == 1);
}

TEST_CASE("the innermost waiting task is destroyed first, and the objects to which it refers later") {
    std::string all;
    {
        weir::loop here(std::make_unique<weir_test::virtual_backend>());
        const weir::started waits(here, outermost(all));
        for (int i = 0; i < 6; ++i) here.run_once(weir::deadline(here.now()));
        CHECK(all.empty());
    }
    CHECK(all == "1ab32dz");
}

TEST_CASE("an awaited task is destroyed at the end of the expression that awaits it") {
    const auto held = std::make_shared<int>(1);
    weir_test::run_virtually([](std::shared_ptr<int> one) -> task<> {
        task<> named = [](std::shared_ptr<int> kept) -> task<> {
            static_cast<void>(kept);
            co_return;
        }(one);
        CHECK(one.use_count() == 3);
        co_await std::move(named);
        CHECK(one.use_count() == 2);
    }(held));
}
