// A connection whose peer makes progress is never closed as stalled. Progress means that the peer takes bytes, not that
// the kernel has room for more.
#include "tests/conformance/backends.h"
#include "tests/conformance/made_up_stream.h"

using namespace weir_test;

namespace {

channel sending_through(made_up& by, channel_limits limits = {}) {
    return {owned_stream(new made_up_stream(by)), framing::chunks(), limits};
}

task<> reads_steadily() {
    made_up by{.untaken = 1'000'000};
    channel one = sending_through(by);
    co_await one.send("the kernel takes none of this for long");
    for (int i = 0; i < 20; ++i) {  // ten minutes
        co_await sleep(29s);
        by.untaken -= 100;
        CHECK(one.failure() == errc::none);
    }
    const time_point began = loop::current().now();
    while (one.failure() == errc::none) co_await sleep(1s);
    CHECK(one.failure() == errc::timed_out);
    CHECK(loop::current().now() - began >= 30s);
    CHECK(loop::current().now() - began <= 45s);
    CHECK(by.was_reset);
}

task<> takes_nothing() {
    made_up by{.untaken = 1'000'000};
    channel one = sending_through(by);
    co_await one.send("nothing of this is taken");
    const time_point began = loop::current().now();
    while (one.failure() == errc::none) co_await sleep(100ms);
    CHECK(one.failure() == errc::timed_out);
    CHECK(loop::current().now() - began >= 30s);
    CHECK(loop::current().now() - began <= 35s);
}

// Destroys the handle of the channel after a send, as a handler does when it returns.
task<> closes(made_up& by) {
    channel one = sending_through(by);
    co_await one.send("the last words");
}

task<> departs_steadily() {
    made_up by{.untaken = 1'000'000};
    co_await closes(by);
    for (int i = 0; i < 10; ++i) {
        co_await sleep(29s);
        by.untaken -= 100;
        CHECK_FALSE(by.is_closed);
    }
    co_await sleep(60s);
    CHECK(by.is_closed);
}

// The kernel accepts more bytes only when a third of its send buffer is free. Here this takes longer than the limit.
task<> read_slowly() {
    auto listening = weir::listen_on("127.0.0.1:0");
    REQUIRE(listening);
    auto connecting = weir::connect_stream(listening->local_address()->to_string());
    auto made = co_await std::move(connecting);
    REQUIRE(made);
    auto accepted = listening->accept();
    REQUIRE(accepted);
    weir::socket& peer = accepted->connection;
    channel_limits limits;
    limits.stalled_send = 1s;
    channel one(std::move(*made), *framing::parse("len32,max=none"), limits);
    co_await one.send(std::string(16 << 20, 'x'));
    const time_point began = loop::current().now();
    while (loop::current().now() - began < 2500ms) {
        static_cast<void>(peer.receive(12'000, deadline(time_point::min())));
        co_await sleep(40ms);
    }
    CHECK(one.failure() == errc::none);
    CHECK(one.queued_bytes() > 0);
    one.abort();
}

}  // namespace

TEST_CASE("a peer that takes a few bytes within the limit of a stall is not closed, a peer that takes none is") {
    this_backend = &tested_backends[5];
    loop here(simulated(1));
    here.run(reads_steadily());
    here.run(takes_nothing());
    here.run(departs_steadily());
}

TEST_CASE("a peer that reads slowly but steadily is not closed, even while the kernel accepts no more bytes") {
    for (const auto& each : {tested_backends[0], tested_backends[2]}) on_backend(each, read_slowly, 1);
}
