// The counters of a server on one loop. Private.
#pragma once

#include "weir/service/server_stats.h"
#include "weir/stream/internal/connection_counters.h"

namespace weir::internal {

// Thread safety: as live_counter.
struct server_counters : connection_counters {
    live_counter accepted, handshaking, handshakes_failed, refused, pauses, thrown, aborted;

    server_stats now() const noexcept {
        server_stats all;
        read(all);
        all.accepted = accepted.now();
        all.handshaking = handshaking.now();
        all.handshakes_failed = handshakes_failed.now();
        all.refused = refused.now();
        all.pauses = pauses.now();
        all.thrown = thrown.now();
        all.aborted = aborted.now();
        return all;
    }
};

}  // namespace weir::internal
