// The counters of a server.
#pragma once

#include <cstdint>

#include "weir/stream/stats/connection_stats.h"

namespace [[gnu::visibility("default")]] weir {

// The counters of a server. They count from the start of the server, except for `handshaking` and the current values of
// connection_stats. Thread safety: a value.
struct server_stats : connection_stats {
    std::uint64_t accepted = 0;           // connections that got a handler, not those whose handshake failed
    std::uint64_t handshaking = 0;        // connections in the handshake of a wrapper, now
    std::uint64_t handshakes_failed = 0;  // connections whose handshake failed, timed out, or was cancelled by stop()
    std::uint64_t refused = 0;            // connections over the limit of their source, or without memory for them
    std::uint64_t pauses = 0;   // pauses of accepting at the limit of connections, or without descriptors or memory
    std::uint64_t thrown = 0;   // handlers that ended by an exception
    std::uint64_t aborted = 0;  // connections aborted by the end of the drain, a second stop() or a cancel

    // Adds the counters of `other`.
    server_stats& operator+=(const server_stats& other) noexcept {
        connection_stats::operator+=(other);
        accepted += other.accepted;
        handshaking += other.handshaking;
        handshakes_failed += other.handshakes_failed;
        refused += other.refused;
        pauses += other.pauses;
        thrown += other.thrown;
        aborted += other.aborted;
        return *this;
    }
    // Subtracts `earlier`: the result contains what was counted since then. Current values do not change.
    server_stats& operator-=(const server_stats& earlier) noexcept {
        connection_stats::operator-=(earlier);
        accepted -= earlier.accepted;
        handshakes_failed -= earlier.handshakes_failed;
        refused -= earlier.refused;
        pauses -= earlier.pauses;
        thrown -= earlier.thrown;
        aborted -= earlier.aborted;
        return *this;
    }
    friend server_stats operator-(server_stats later, const server_stats& earlier) noexcept { return later -= earlier; }
};

}  // namespace weir
