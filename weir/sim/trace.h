// All that happened in a simulated world, in one number: FNV-1a over when, what, to whom, and the bytes. Integers go in
// byte by byte, so that it is the same on every machine. Private.
#pragma once

#include <cstdint>

#include "weir/base/bytes.h"
#include "weir/base/time.h"

namespace weir {

enum class happening : std::uint8_t {
    knocked,    // a SYN arrived
    connected,  // an attempt was told, with its code
    accepted,   // an acceptor was told, or answered
    departed,   // a segment left
    arrived,    // a segment arrived
    ended,      // the end of a stream arrived
    reset,      // a reset arrived, or a stream was given up
    received,   // a user was given bytes, or an ending
    sent,       // a user's bytes were taken
    closed,     // a user closed
    posted,     // a datagram left
    delivered,  // a datagram arrived
    signalled,
    offloaded,
};

// Thread safety: one thread.
class trace {
public:
    void note(time_point when, happening what, std::uint64_t number, bytes_view content) noexcept {
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

}  // namespace weir
