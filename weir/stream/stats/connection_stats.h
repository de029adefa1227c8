// The counters of many connections: those of a server, or the clients of a loop.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "weir/base/error.h"
#include "weir/stream/stats/channel_stats.h"

namespace [[gnu::visibility("default")]] weir {

// The limits of weir/service/limits.h that are counted when they take effect.
enum class limit_kind : std::uint8_t {
    message_size,             // a message was refused or skipped
    outgoing_bytes,           // a send() has to wait for low water
    stalled_send,             // the peer took no bytes for too long
    handshake,                // a wrapper took longer than its handshake_time()
    handshakes,               // a handshake was dropped for a newer one
    first_message,            // the first message took too long
    whole_message,            // a message that had begun took too long
    idle,                     // no bytes were received or sent for too long
    connections,              // accepting paused
    connections_of_a_source,  // a connection was refused
    held_bytes,               // a channel waited for memory, or was closed to free it
    linger,                   // during the close, a peer continued to send or did not close
    drain,                    // a connection was aborted at the end of the drain
};
// The number of kinds.
inline constexpr std::size_t limit_kinds = static_cast<std::size_t>(limit_kind::drain) + 1;
// Returns the name of a kind: "message size", "outgoing bytes"...
std::string_view to_string(limit_kind which) noexcept;

// The counters of many connections. All of them count from the start of the server or of the loop, except `open`,
// `held_bytes` and `queued_bytes`, which are current values. Thread safety: a value.
struct connection_stats {
    std::uint64_t open = 0;  // in a server: until the handler has ended and the channel is closed
    channel_stats messages;  // of all connections, open ones included
    // Closed connections by the code of close_reason(). errc::none: the program destroyed the channel before there was
    // a reason.
    std::array<std::uint64_t, 32> ended{};

    std::array<std::uint64_t, limit_kinds> limits_hit{};  // how often each took effect
    std::uint64_t held_bytes = 0;                         // bytes that the channels hold for messages
    // Bytes that were sent and that the kernel has not taken. The number is updated when a channel sends, and when the
    // kernel has taken everything that was submitted to it.
    std::uint64_t queued_bytes = 0;

    // ended_by() returns how many connections have closed for this reason, all_ended() how many for any reason, and
    // hits_of() how often a limit took effect.
    std::uint64_t ended_by(errc code) const noexcept { return ended[static_cast<std::size_t>(code)]; }
    std::uint64_t all_ended() const noexcept;
    std::uint64_t hits_of(limit_kind which) const noexcept { return limits_hit[static_cast<std::size_t>(which)]; }

    // Adds the counters of `other`.
    connection_stats& operator+=(const connection_stats& other) noexcept;
    // Subtracts `earlier`: the result is what was counted since then. Current values do not change.
    connection_stats& operator-=(const connection_stats& earlier) noexcept;
};

}  // namespace weir
