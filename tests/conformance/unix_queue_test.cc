// Connecting to a Unix socket whose accept queue is full.
#include "tests/conformance/backends.h"

using namespace weir_test;

namespace {

// A listener, its address, and the connections that fill its accept queue.
struct full_listener {
    owned_acceptor listening;
    address where;
    std::vector<owned_stream> queued;
};

task<full_listener> fill() {
    auto opened = loop::current().backend().listen("unix:", 0);
    REQUIRE(opened);
    full_listener made{std::move(*opened), {}, {}};
    made.where = made.listening->local_address();
    for (;;) {
        auto one = co_await connect_stream(made.where.to_string(), loop::current().now() + 30ms);
        if (!one) {
            CHECK(one == errc::timed_out);
            break;
        }
        made.queued.push_back(std::move(*one));
        REQUIRE(made.queued.size() < 10);
    }
    CHECK_FALSE(made.queued.empty());
    co_return made;
}

task<> accept_all(full_listener& from, std::size_t count) {
    co_await sleep(5ms);
    for (std::size_t i = 0; i < count; ++i) {
        accepting next(*from.listening);
        const accepted_connection one = co_await next;
        CHECK(one.how.good());
    }
}

task<> connect_when_there_is_room() {
    auto full = co_await fill();
    const std::size_t count = full.queued.size() + 1;
    auto [connected, done] =
        co_await when_all(connect_stream(full.where.to_string(), loop::current().now() + 20s), accept_all(full, count));
    REQUIRE(connected);
    CHECK((*connected)->peer_address() == full.where);
}

task<> close_later(owned_acceptor& one) {
    co_await sleep(5ms);
    one.reset();
}

task<> connect_to_one_that_closes() {
    auto full = co_await fill();
    auto [connected, done] = co_await when_all(connect_stream(full.where.to_string(), loop::current().now() + 20s),
                                               close_later(full.listening));
    CHECK(connected == errc::refused);
}

}  // namespace

TEST_CASE("connecting to a full Unix queue waits until there is room") { on_each_backend(connect_when_there_is_room); }
TEST_CASE("connecting to a full Unix queue ends when its listener closes") {
    on_each_backend(connect_to_one_that_closes);
}
