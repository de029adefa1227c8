// Scopes: when a scope ends, and the effect of an error or a cancel.
#include "weir/coroutine/scope.h"

#include <doctest/doctest.h>

#include <memory>
#include <stdexcept>
#include <vector>

#include "virtual_backend.h"
#include "weir/coroutine/sleep.h"
#include "weir/coroutine/when.h"

using namespace std::chrono_literals;
using weir::errc;
using weir::result;
using weir::task;
using weir_test::run_virtually;

namespace {

struct ledger {
    int ended = 0;
    int cancelled = 0;
};

task<> child(ledger& into, weir::duration time) {
    if (const auto slept = co_await weir::sleep(time)) {
        ++into.ended;
    } else {
        ++into.cancelled;
    }
}

task<result<void>> failing(weir::duration time) {
    if (auto slept = co_await weir::sleep(time); !slept) co_return slept;
    co_return weir::error(errc::refused, "child");
}

task<> throwing(weir::duration time) {
    static_cast<void>(co_await weir::sleep(time));
    throw std::runtime_error("thrown by a child");
}

task<> many(weir::scope& children, ledger* into, int number) {
    for (int i = 1; i <= number; ++i) children.spawn(child(*into, std::chrono::seconds(i)));
    co_return;
}

task<> one_fails(weir::scope& children, ledger* into) {
    children.spawn(child(*into, 1s));
    children.spawn(failing(2s));
    children.spawn(child(*into, 3s));
    CHECK(co_await weir::sleep(1h) == errc::cancelled);
    ++into->cancelled;
}

task<> one_throws(weir::scope& children, ledger* into) {
    children.spawn(child(*into, 3s));
    children.spawn(throwing(1s));
    co_return;
}

}  // namespace

TEST_CASE("a scope ends when its body and all children have ended") {
    ledger seen;
    const auto parent = [](ledger* into) -> task<> {
        const auto begin = weir::loop::current().now();
        CHECK(co_await weir::in_scope(many, into, 5));
        CHECK(weir::loop::current().now() - begin == 5s);
    };
    run_virtually(parent(&seen));
    CHECK(seen.ended == 5);
}

TEST_CASE("an error of a child cancels the others, and the scope returns it") {
    ledger seen;
    const auto parent = [](ledger* into) -> task<> {
        const auto begin = weir::loop::current().now();
        CHECK(co_await weir::in_scope(one_fails, into) == errc::refused);
        CHECK(weir::loop::current().now() - begin == 2s);
    };
    run_virtually(parent(&seen));
    CHECK(seen.ended == 1);
    CHECK(seen.cancelled == 2);
}

TEST_CASE("an exception of a child cancels the others, and the scope throws it") {
    ledger seen;
    const auto parent = [](ledger* into) -> task<> { static_cast<void>(co_await weir::in_scope(one_throws, into)); };
    CHECK_THROWS_WITH(run_virtually(parent(&seen)), "thrown by a child");
    CHECK(seen.cancelled == 1);
}

TEST_CASE("a cancel from outside reaches every child, also children that are spawned afterwards") {
    ledger seen;
    const auto spawner = [](weir::scope& children, ledger* into) -> task<> {
        children.spawn(child(*into, 1h));
        CHECK(co_await weir::sleep(1h) == errc::cancelled);
        children.spawn(child(*into, 1h));
    };
    const auto parent = [](auto body, ledger* into) -> task<> {
        CHECK(co_await weir::with_deadline(weir::in_scope(body, into), weir::loop::current().now() + 1s) ==
              errc::timed_out);
    };
    run_virtually(parent(spawner, &seen));
    CHECK(seen.cancelled == 2);
}

TEST_CASE("a scope frees children that have ended, while others still run") {
    const auto parent = []() -> task<> {
        ledger seen;
        const auto held = std::make_shared<int>(1);
        const auto holder = [](std::shared_ptr<int> one) -> task<> {
            static_cast<void>(one);
            co_return;
        };
        weir::scope children;
        for (int i = 0; i < 100; ++i) children.spawn(holder(held));
        children.spawn(child(seen, 1h));
        CHECK(held.use_count() == 101);
        CHECK(co_await weir::sleep(1s));
        CHECK(held.use_count() == 1);
        CHECK(children.children() == 1);
        children.cancel();
        CHECK(co_await children == errc::cancelled);
    };
    run_virtually(parent());
}

TEST_CASE("destroying a scope destroys its children") {
    const auto held = std::make_shared<int>(1);
    const auto holder = [](std::shared_ptr<int> one) -> task<> {
        static_cast<void>(one);
        static_cast<void>(co_await weir::sleep(1h));
    };
    const auto parent = [](auto spawned, std::shared_ptr<int> one) -> task<> {
        {
            weir::scope children;
            children.spawn(spawned(one));
            CHECK(co_await weir::sleep(1s));
        }
        CHECK(one.use_count() == 2);
    };
    run_virtually(parent(holder, held));
    CHECK(held.use_count() == 1);
}
