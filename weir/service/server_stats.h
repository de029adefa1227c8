// The counters of a server.
#pragma once

#include <array>
#include <cstdint>

#include "weir/base/error.h"
#include "weir/stream/channel_stats.h"

namespace [[gnu::visibility("default")]] weir {

// Counted since the start, except for `open` and `handshaking`. Thread safety: a value.
struct server_stats {
    std::uint64_t accepted = 0;           // connections that got a handler; without those whose handshake failed
    std::uint64_t open = 0;               // of them, now
    std::uint64_t handshaking = 0;        // connections in the handshake of a wrapper, now
    std::uint64_t handshakes_failed = 0;  // connections whose handshake failed, timed out, or was cancelled by stop()
    std::uint64_t refused = 0;            // over the limit of a source address, or without memory for them
    std::uint64_t pauses = 0;   // of accepting: at the limit of connections, or short of descriptors or memory
    std::uint64_t thrown = 0;   // handlers that ended by an exception
    std::uint64_t aborted = 0;  // connections that the end of the drain, a second stop() or a cancel ended
    channel_stats messages;     // of connections that have ended
    // Closed connections by the code of close_reason(). errc::none: the handler returned before there was a reason.
    std::array<std::uint64_t, 32> ended{};

    std::uint64_t ended_by(errc code) const noexcept { return ended[static_cast<std::size_t>(code)]; }

    server_stats& operator+=(const server_stats& other) noexcept {
        accepted += other.accepted;
        open += other.open;
        handshaking += other.handshaking;
        handshakes_failed += other.handshakes_failed;
        refused += other.refused;
        pauses += other.pauses;
        thrown += other.thrown;
        aborted += other.aborted;
        messages += other.messages;
        for (std::size_t code = 0; code < ended.size(); ++code) ended[code] += other.ended[code];
        return *this;
    }
};

}  // namespace weir
