// What a channel allows: memory, time, and how it ends. A server's whole screen is weir/service/limits.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "weir/base/time.h"

namespace [[gnu::visibility("default")]] weir {

// An empty optional is no limit. No aggregate: g++ 12 destroys temporaries of those twice in a co_await.
// Thread safety: a value.
class channel_limits {
public:
    channel_limits() noexcept = default;

    // Outgoing bytes: from high water on send() waits, until low water.
    std::optional<std::size_t> high_water_bytes = 256 * 1024;
    std::size_t low_water_bytes = 64 * 1024;
    // A send of which the peer takes nothing for so long (give or take a quarter) ends the channel: errc::timed_out. A
    // peer takes what its kernel acknowledges: over TCP in steps of its receive buffer, over a Unix socket when it has
    // read a whole piece (some 100 KiB).
    std::optional<duration> stalled_send = std::chrono::seconds(30);
    // These end receiving with errc::timed_out. Only the time counts during which receive() waits: until the first
    // message is whole...
    std::optional<duration> first_message;
    // ...from the first byte of a message to its last...
    std::optional<duration> whole_message;
    // ...and without a byte in either direction.
    std::optional<duration> idle;
    // At the end: how much the peer may still send (and one read more), and for how long, before the connection is
    // closed.
    std::optional<std::uint64_t> linger_bytes = 1 << 20;
    std::optional<duration> linger_time = std::chrono::seconds(2);

    // What makes no sense in them, in words that name the limit; empty when all do. Channels and servers refuse it by
    // WEIR_CHECK: ask first where limits come from a file or a person.
    std::string_view problem() const noexcept;
};

}  // namespace weir
