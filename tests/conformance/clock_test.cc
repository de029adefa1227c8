// The clocks of a channel count from when something came, not from when the loop began to wait for it.
#include "tests/conformance/worlds.h"

using namespace weir_test;

namespace {

class nobody final : public byte_stream::user {
    void received(arrival) noexcept override {}
    void sent(outcome) noexcept override {}
};

// Half a message arrives 25 s after it was sent, while nothing else turns the loop; the limit is 30 s from then.
task<> half_a_message() {
    auto listening = loop::current().world().listen("10.0.0.2:1", {});
    REQUIRE(listening);
    task<result<owned_stream>> connecting = connect_stream("10.0.0.2:1");
    auto made = co_await std::move(connecting);
    REQUIRE(made);
    accepting arrives(**listening);
    newcomer one = co_await arrives;
    channel_limits limits;
    limits.whole_message = 30s;
    channel served(std::move(one.connection), framing::lines(), limits, one.peer);
    buffer half;
    half.append("half ");
    nobody hears;
    (*made)->tell(hears);
    static_cast<void>((*made)->send(half));
    const time_point began = loop::current().now();
    auto late = co_await served.receive(deadline(began + 50s));
    CHECK(late == errc::timed_out);
    CHECK(served.ending() == errc::none);
    auto ended = co_await served.receive();
    CHECK(ended == errc::timed_out);
    CHECK(served.ending() == errc::timed_out);
    CHECK(loop::current().now() - began == 55s);
}

}  // namespace

TEST_CASE("a message that has begun has its time from its first byte on") {
    network_options slow;
    slow.delay_steps = 1;
    slow.least_delay = slow.most_delay = 25s;
    loop here(std::make_unique<network>(choices::random(1), slow));
    here.run(half_a_message());
}
