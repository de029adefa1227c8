// Counters that one loop writes and that any thread reads, without a lock: each one is an atomic with plain loads and
// stores.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <tuple>

#include "weir/stream/stats/client_stats.h"
#include "weir/stream/stats/connection_stats.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {

// Thread safety: now() on any thread, the others on the thread of one loop.
class live_counter {
public:
    std::uint64_t now() const noexcept { return value_.load(std::memory_order_relaxed); }
    // Wraps around, so that a negative difference of two sizes can be added, too.
    void add(std::uint64_t count) noexcept { set(now() + count); }
    void subtract(std::uint64_t count) noexcept { set(now() - count); }
    void set(std::uint64_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
    live_counter& operator++() noexcept {
        add(1);
        return *this;
    }

private:
    std::atomic<std::uint64_t> value_{0};
};

// The counters of a group of connections of one loop, such as those of a server. Thread safety: as live_counter.
struct connection_counters {
    live_counter open;
    live_counter messages_received, messages_sent, messages_skipped, bytes_received, bytes_sent;
    live_counter held_bytes, queued_bytes;
    std::array<live_counter, std::tuple_size_v<decltype(connection_stats::ended)>> ended;
    std::array<live_counter, limit_kinds> limits_hit;

    // Adds what a channel has counted since `before`.
    void add(const channel_stats& now, const channel_stats& before) noexcept {
        messages_received.add(now.messages_received - before.messages_received);
        messages_sent.add(now.messages_sent - before.messages_sent);
        bytes_received.add(now.bytes_received - before.bytes_received);
        bytes_sent.add(now.bytes_sent - before.bytes_sent);
        if (now.messages_skipped != before.messages_skipped)
            messages_skipped.add(now.messages_skipped - before.messages_skipped);
    }
    void hit(limit_kind which) noexcept { ++limits_hit[static_cast<std::size_t>(which)]; }
    void end(errc why) noexcept { ++ended[static_cast<std::size_t>(why)]; }
    void read(connection_stats& into) const noexcept;
};

struct client_counters : connection_counters {
    live_counter opened, not_connected;
};

}  // namespace internal
}  // namespace weir
