// Hashes all events of a simulation to one number: FNV-1a over time, kind, connection number, and bytes. Integers are
// hashed byte by byte, so that the number is the same on every machine. Private.
#pragma once

#include <cstdint>

#include "weir/base/bytes.h"
#include "weir/base/time.h"

namespace weir::sim::internal {

enum class trace_event : std::uint8_t {
    syn_arrived,
    connected,  // a connect completed, with its code
    accepted,
    segment_sent,
    segment_arrived,
    end_arrived,  // the end of a stream
    reset,
    received,  // a receive completed, with bytes or an end
    sent,      // the send buffer accepted bytes
    closed,    // a user closed an end
    datagram_sent,
    datagram_arrived,
    signalled,
    offloaded,
};

// Thread safety: one thread.
class trace {
public:
    void note(time_point when, trace_event what, std::uint64_t number, bytes_view content) noexcept {
        mix(static_cast<std::uint64_t>(when.time_since_epoch().count()));
        mix(static_cast<std::uint64_t>(what));
        mix(number);
        mix(content.size());
        for (const std::byte one : content) mix_byte(std::to_integer<std::uint8_t>(one));
    }
    std::uint64_t hash() const noexcept { return hash_; }

private:
    void mix_byte(std::uint8_t one) noexcept { hash_ = (hash_ ^ one) * 0x100000001b3u; }
    void mix(std::uint64_t number) noexcept {
        for (int shift = 0; shift < 64; shift += 8) mix_byte(static_cast<std::uint8_t>(number >> shift));
    }

    std::uint64_t hash_ = 0xcbf29ce484222325u;
};

}  // namespace weir::sim::internal
