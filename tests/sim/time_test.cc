// Time, waking, work and signals of the simulated network.
#include <doctest/doctest.h>

#include "../aborting.h"
#include "recorders.h"
#include "weir/loop/loop.h"
#include "weir/loop/offload.h"
#include "weir/loop/sleep.h"

using namespace std::chrono_literals;
using weir::choices;
using weir::time_point;
using weir::sim::network;

TEST_CASE("a wait in which nothing happens jumps to its end, and one into the past stays where it is") {
    network world(choices::replay({}));
    CHECK(world.now() == time_point(1s));
    world.wait(time_point(5s));
    CHECK(world.now() == time_point(5s));
    world.wait(time_point(3s));
    CHECK(world.now() == time_point(5s));
    world.wait(time_point::min());
    CHECK(world.now() == time_point(5s));
}

TEST_CASE("a wait for ever in which nothing can happen is refused, and says what hangs") {
    const auto [said, aborted] = weir_test::aborting([] {
        network world(choices::replay({}));
        weir_test::dialogue both(world);
        both.server.receive();
        world.wait({});
    });
    CHECK(aborted);
    CHECK(said.find("this program waits for ever") != said.npos);
    CHECK(said.find("1 receives, 0 sends, 0 accepts") != said.npos);
    CHECK(said.find("2 descriptors are open") != said.npos);
}

TEST_CASE("what is open when its network ends is named") {
    const auto [said, aborted] = weir_test::aborting([] {
        std::optional<weir_test::dialogue> both;
        network world(choices::replay({}));
        both.emplace(world);
    });
    CHECK(aborted);
    CHECK(said.find("2 listeners, streams, attempts or ports outlive") != said.npos);
}

TEST_CASE("wake() ends the wait that is next, once") {
    network world(choices::replay({}));
    world.wake();
    world.wait({});
    CHECK(world.now() == time_point(1s));
    world.wait(time_point(2s));
    CHECK(world.now() == time_point(2s));
}

TEST_CASE("a wake within a wait ends that one") {
    network world(choices::replay({}));
    REQUIRE(world.offload([&] { world.wake(); }));
    world.wait({});
    CHECK(world.now() == time_point(1s));
    world.wait(time_point(2s));
    CHECK(world.now() == time_point(2s));
}

TEST_CASE("offloaded work runs in a later wait, in order") {
    network world(choices::replay({}));
    std::string ran;
    for (const char one : {'a', 'b', 'c'}) REQUIRE(world.offload([&ran, one] { ran += one; }));
    CHECK(ran.empty());
    while (ran.size() < 3) world.wait({});
    CHECK(ran == "abc");
    CHECK(world.now() == time_point(1s));
}

namespace {

weir::task<std::pair<int, time_point>> sleep_and_work() {
    static_cast<void>(co_await weir::sleep(3s));
    const auto worked = co_await weir::offload([] { return 42; });
    static_cast<void>(co_await weir::sleep(2s));
    co_return {worked ? *worked : 0, weir::loop::current().now()};
}

}  // namespace

TEST_CASE("a loop sleeps and offloads in it, in no time") {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        weir::loop here(std::make_unique<network>(choices::random(seed)));
        const auto [worked, at] = here.run(sleep_and_work());
        CHECK(worked == 42);
        CHECK(at == time_point(6s));
    }
}

TEST_CASE("a signal that is raised is told to whoever watches it when the wait comes") {
    network world(choices::replay({}));
    std::string told;
    auto first = world.watch(weir::signal::terminate, [&] { told += 'a'; });
    auto second = world.watch(weir::signal::terminate, [&] { told += 'b'; });
    auto other = world.watch(weir::signal::hang_up, [&] { told += 'x'; });
    REQUIRE(first);
    REQUIRE(second);
    REQUIRE(other);
    world.raise(weir::signal::terminate);
    CHECK(told.empty());
    world.wait({});
    CHECK(told == "ab");
    first->reset();
    world.raise(weir::signal::terminate);
    world.wait({});
    CHECK(told == "abb");
    second->reset();
    world.raise(weir::signal::terminate);
    world.wait(time_point(2s));
    CHECK(told == "abb");
}

TEST_CASE("random() is the seed's") {
    network one(choices::random(7)), same(choices::random(7)), other(choices::random(8));
    const auto drawn = one.random();
    CHECK(drawn == same.random());
    CHECK(drawn != other.random());
    CHECK(drawn != one.random());
}
