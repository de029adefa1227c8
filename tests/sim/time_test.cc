// Time, wake-ups, offloaded work and signals of the simulated network.
#include <doctest/doctest.h>

#include "../aborting.h"
#include "recorders.h"
#include "weir/coroutine/offload.h"
#include "weir/coroutine/run.h"
#include "weir/coroutine/sleep.h"
#include "weir/loop/loop.h"

using namespace std::chrono_literals;
using weir::choices;
using weir::time_point;
using weir::sim::network;

TEST_CASE("a wait without events jumps to its end, and a wait until a past time does not change the clock") {
    network net(choices::replay({}));
    CHECK(net.now() == time_point(1s));
    net.wait(time_point(5s));
    CHECK(net.now() == time_point(5s));
    net.wait(time_point(3s));
    CHECK(net.now() == time_point(5s));
    net.wait(time_point::min());
    CHECK(net.now() == time_point(5s));
}

TEST_CASE("a wait for ever without a possible event fails a check that names what is open") {
    const auto [said, aborted] = weir_test::aborting([] {
        network net(choices::replay({}));
        weir_test::dialogue both(net);
        both.server.receive();
        net.wait({});
    });
    CHECK(aborted);
    CHECK(said.find("this program waits forever") != said.npos);
    CHECK(said.find("1 receives, 0 sends, 0 accepts") != said.npos);
    CHECK(said.find("2 descriptors are open") != said.npos);
}

TEST_CASE("objects that are open when their network is destroyed are reported") {
    const auto [said, aborted] = weir_test::aborting([] {
        std::optional<weir_test::dialogue> both;
        network net(choices::replay({}));
        both.emplace(net);
    });
    CHECK(aborted);
    CHECK(said.find("2 listeners, streams, attempts or ports outlive") != said.npos);
}

TEST_CASE("wake() ends the next wait, once") {
    network net(choices::replay({}));
    net.wake();
    net.wait({});
    CHECK(net.now() == time_point(1s));
    net.wait(time_point(2s));
    CHECK(net.now() == time_point(2s));
}

TEST_CASE("wake() during a wait ends this wait") {
    network net(choices::replay({}));
    REQUIRE(net.offload([&] { net.wake(); }));
    net.wait({});
    CHECK(net.now() == time_point(1s));
    net.wait(time_point(2s));
    CHECK(net.now() == time_point(2s));
}

TEST_CASE("offloaded work runs in a later wait, in order") {
    network net(choices::replay({}));
    std::string ran;
    for (const char one : {'a', 'b', 'c'}) REQUIRE(net.offload([&ran, one] { ran += one; }));
    CHECK(ran.empty());
    while (ran.size() < 3) net.wait({});
    CHECK(ran == "abc");
    CHECK(net.now() == time_point(1s));
}

namespace {

weir::task<std::pair<int, time_point>> sleep_and_work() {
    static_cast<void>(co_await weir::sleep(3s));
    const auto worked = co_await weir::offload([] { return 42; });
    static_cast<void>(co_await weir::sleep(2s));
    co_return {worked ? *worked : 0, weir::loop::current().now()};
}

}  // namespace

TEST_CASE("a loop sleeps and offloads in virtual time") {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        weir::loop here(std::make_unique<network>(choices::random(seed)));
        const auto [worked, at] = here.run(sleep_and_work());
        CHECK(worked == 42);
        CHECK(at == time_point(6s));
    }
}

TEST_CASE("raising a signal notifies its watches in the next wait") {
    network net(choices::replay({}));
    std::string notified;
    auto first = net.watch(weir::signal::terminate, [&] { notified += 'a'; });
    auto second = net.watch(weir::signal::terminate, [&] { notified += 'b'; });
    auto other = net.watch(weir::signal::hang_up, [&] { notified += 'x'; });
    REQUIRE(first);
    REQUIRE(second);
    REQUIRE(other);
    net.raise(weir::signal::terminate);
    CHECK(notified.empty());
    net.wait({});
    CHECK(notified == "ab");
    first->reset();
    net.raise(weir::signal::terminate);
    net.wait({});
    CHECK(notified == "abb");
    second->reset();
    net.raise(weir::signal::terminate);
    net.wait(time_point(2s));
    CHECK(notified == "abb");
}

TEST_CASE("random() depends only on the seed") {
    network one(choices::random(7)), same(choices::random(7)), other(choices::random(8));
    const auto drawn = one.random();
    CHECK(drawn == same.random());
    CHECK(drawn != other.random());
    CHECK(drawn != one.random());
}
