// The counters of the channels of a loop that belong to no server: those of connect(), adopt() and adopt_stream().
//
//     const weir::live_client_stats clients = weir::live_client_stats::of_this_loop();   // on the loop
//     std::uint64_t sent = clients.now().messages.messages_sent;                         // on any thread
#pragma once

#include <cstdint>
#include <memory>

#include "weir/stream/stats/connection_stats.h"

namespace [[gnu::visibility("default")]] weir {

namespace internal {
struct client_counters;
}

// What the clients of a loop, made by connect() and connect_stream(), did. Thread safety: a value.
struct client_stats : connection_stats {
    std::uint64_t opened = 0;         // connections that became channels
    std::uint64_t not_connected = 0;  // calls of connect() and connect_stream() that failed

    // The sum of both; and what was counted since `earlier`, while what is now stays.
    client_stats& operator+=(const client_stats& other) noexcept;
    client_stats& operator-=(const client_stats& earlier) noexcept;
    friend client_stats operator-(client_stats later, const client_stats& earlier) noexcept { return later -= earlier; }
};

// Reads them while the loop runs, and after its end. Cheap to copy. Thread safety: any thread, except of_this_loop().
class live_client_stats {
public:
    // Those of the loop that runs now, on its thread.
    static live_client_stats of_this_loop();

    // Each number is right at some time during the call: one event may be in one of two numbers already and not in the
    // other. The messages and bytes of a channel are added at the end of a turn. Takes no lock and never waits.
    client_stats now() const noexcept;

private:
    explicit live_client_stats(std::shared_ptr<const internal::client_counters> of) noexcept;

    std::shared_ptr<const internal::client_counters> counters_;
};

}  // namespace weir
