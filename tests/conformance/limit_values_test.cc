// Limits that make no sense are refused, and the kernel's buffers are divided among connections.
#include <algorithm>

#include "tests/aborting.h"
#include "tests/conformance/backends.h"
#include "tests/conformance/made_up_stream.h"
#include "weir/service/internal/kernel_buffers.h"

using namespace weir_test;

TEST_CASE("the kernel's buffers of all connections stay below their limit, with the segments the kernel may add") {
    constexpr std::size_t mib = 1 << 20;
    constexpr std::size_t grown = 10 * mib;
    constexpr std::size_t segments = 2 * limits::kernel_segment_bytes;
    constexpr std::size_t least = 2 * limits::least_kernel_buffer_bytes + segments;
    for (const std::size_t most : {1U, 2U, 3U, 16U, 1'000U, 10'000U}) {
        for (const std::size_t bytes : {mib, 64 * mib, 1024 * mib, 8192 * mib, 1024 * 1024 * mib}) {
            CAPTURE(most);
            CAPTURE(bytes);
            limits all;
            all.connections = most;
            all.kernel_buffer_bytes = bytes;
            std::size_t sum = 0;
            for (std::size_t open = 1; open <= most; ++open) {
                const auto size = internal::kernel_buffer_share(all, open, grown);
                sum += segments + (size ? 2 * *size : grown);
            }
            CHECK(sum <= std::max(bytes, bytes / 2 + 1 + most * least));
            CHECK(sum >= std::min(bytes / 4, most * grown / 2));  // the buffers are not needlessly small
        }
    }
    limits none;
    none.kernel_buffer_bytes = std::nullopt;
    CHECK_FALSE(internal::kernel_buffer_share(none, 10'000, 1));
    none.kernel_buffer_bytes = 64 * mib;
    none.connections = std::nullopt;
    const std::size_t least_share = internal::kernel_buffer_share(none, 1'000'000, grown).value_or(0);
    CHECK(least_share >= limits::least_kernel_buffer_bytes);
    CHECK(least_share < limits::least_kernel_buffer_bytes + 64);
}

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
    for (const auto member : {&limits::connections, &limits::held_bytes_of_a_loop, &limits::kernel_buffer_bytes}) {
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
