// The counters of a channel.
#pragma once

#include "weir/base/language.h"

#include <cstdint>

namespace [[gnu::visibility("default")]] weir {

// The counters of one channel, since the channel was made. Thread safety: a value.
struct channel_stats {
    std::uint64_t messages_received = 0;  // a message in pieces counts with its last piece
    std::uint64_t messages_sent = 0;      // queued by send(); they may not have arrived at the peer
    std::uint64_t messages_skipped = 0;   // over the limit, dropped with oversize=skip
    std::uint64_t bytes_received = 0;     // as on the wire
    std::uint64_t bytes_sent = 0;         // of whole messages, as on the wire; they may not have arrived

    // Adds the counters of `other`.
    channel_stats& operator+=(const channel_stats& other) noexcept {
        messages_received += other.messages_received;
        messages_sent += other.messages_sent;
        messages_skipped += other.messages_skipped;
        bytes_received += other.bytes_received;
        bytes_sent += other.bytes_sent;
        return *this;
    }
    // Subtracts `earlier`: the result is what was counted since then.
    channel_stats& operator-=(const channel_stats& earlier) noexcept {
        messages_received -= earlier.messages_received;
        messages_sent -= earlier.messages_sent;
        messages_skipped -= earlier.messages_skipped;
        bytes_received -= earlier.bytes_received;
        bytes_sent -= earlier.bytes_sent;
        return *this;
    }
};

}  // namespace weir
