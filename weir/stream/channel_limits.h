// The limits of a channel: memory and time. All limits of a server are in weir/service/limits.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "weir/base/time.h"

namespace [[gnu::visibility("default")]] weir {

// An empty optional means no limit. It is not an aggregate: g++ 12 destroys temporaries of aggregates twice in a
// co_await. Thread safety: a value.
class channel_limits {
public:
    channel_limits() noexcept = default;

    // Queued output: send() waits from high water on, until low water.
    std::optional<std::size_t> high_water_bytes = 256 * 1024;
    std::size_t low_water_bytes = 64 * 1024;
    // The channel ends with errc::timed_out when the peer takes nothing of a send for this long, within a quarter. A
    // peer takes what its kernel acknowledges: over TCP in steps of its receive buffer, over a Unix socket when it has
    // read a whole piece (some 100 KiB).
    std::optional<duration> stalled_send = std::chrono::seconds(30);
    // These end receiving with errc::timed_out. Only the time during which a task waits in receive() counts: until the
    // first message is whole...
    std::optional<duration> first_message;
    // ...from the first byte of a message to its last...
    std::optional<duration> whole_message;
    // ...and without a byte in either direction.
    std::optional<duration> idle;
    // During the close: how many bytes the peer may still send (and one read more), and for how long.
    std::optional<std::uint64_t> linger_bytes = 1 << 20;
    std::optional<duration> linger_time = std::chrono::seconds(2);

    // Returns what is wrong, with the name of the limit; empty when nothing is. A channel or a server with wrong limits
    // is a WEIR_CHECK: call this first where limits come from a file or a user.
    std::string_view problem() const noexcept;
};

}  // namespace weir
