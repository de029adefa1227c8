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

// The counters of the clients of one loop. Thread safety: a value.
struct client_stats : connection_stats {
    std::uint64_t opened = 0;         // connections that became channels
    std::uint64_t not_connected = 0;  // calls of connect() and connect_stream() that failed

    // `+=` adds the counters of `other`. `-=` subtracts `earlier`, so that the result is what was counted since then.
    // Subtracting does not change current values, such as `open`.
    client_stats& operator+=(const client_stats& other) noexcept;
    client_stats& operator-=(const client_stats& earlier) noexcept;
    friend client_stats operator-(client_stats later, const client_stats& earlier) noexcept { return later -= earlier; }
};

// Reads the counters of a loop, while the loop runs and after it has ended. Cheap to copy. Thread safety: any thread,
// except of_this_loop().
class live_client_stats {
public:
    // Returns a reader for the running loop. Call it on the loop's thread.
    static live_client_stats of_this_loop();

    // Returns the counters. Each number is correct at some moment during the call, so one number may already include an
    // event that another number does not include yet. The messages and bytes of a channel are added at the end of a
    // turn. This function takes no lock and never waits.
    client_stats now() const noexcept;

private:
    explicit live_client_stats(std::shared_ptr<const internal::client_counters> of) noexcept;

    std::shared_ptr<const internal::client_counters> counters_;
};

}  // namespace weir
