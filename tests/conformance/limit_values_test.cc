// Limits that make no sense are refused where they are set.
#include "tests/aborting.h"
#include "tests/conformance/made_up_stream.h"
#include "tests/conformance/worlds.h"

using namespace weir_test;

TEST_CASE("limits that make no sense are refused by name") {
    channel_limits none;
    none.high_water_bytes = none.low_water_bytes = 0;
    CHECK(none.problem().starts_with("high_water_bytes is 0"));
    const auto [said, aborted] = aborting([&] {
        loop here(simulated(1));
        auto made = [](channel_limits how) -> task<> {
            made_up by;
            const channel one(owned_stream(new made_up_stream(by)), framing::chunks(), how);
            co_return;
        };
        here.run(made(none));
    });
    CHECK(aborted);
    CHECK(said.find("high_water_bytes is 0") != std::string::npos);
    for (const auto member : {&channel_limits::stalled_send, &channel_limits::first_message,
                              &channel_limits::whole_message, &channel_limits::idle}) {
        channel_limits one;
        CHECK(one.problem().empty());
        one.*member = 0s;
        CHECK_FALSE(one.problem().empty());
        one.*member = std::nullopt;
        CHECK(one.problem().empty());
    }
    for (const auto member : {&limits::connections, &limits::held_bytes_of_a_loop}) {
        limits all;
        CHECK(all.problem().empty());
        all.*member = 0;
        CHECK_FALSE(all.problem().empty());
        all.*member = std::nullopt;
        CHECK(all.problem().empty());
    }
    limits of_a_source;
    of_a_source.connections_of_a_source = 0;
    CHECK_FALSE(of_a_source.problem().empty());
    limits of_channels;
    of_channels.connection = none;
    CHECK_FALSE(of_channels.problem().empty());
}
