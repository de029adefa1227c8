// What a server counts.
#pragma once

#include <array>
#include <cstdint>

#include "weir/base/error.h"
#include "weir/stream/channel_figures.h"

namespace [[gnu::visibility("default")]] weir {

// Since the beginning, but for `open`. Thread safety: a value.
struct server_figures {
    std::uint64_t accepted = 0;
    std::uint64_t open = 0;     // connections now
    std::uint64_t refused = 0;  // over the limit of a source address, or without memory for them
    std::uint64_t pauses = 0;   // of accepting: over the limit of connections, or out of descriptors
    std::uint64_t thrown = 0;   // handlers that ended by an exception
    std::uint64_t cut = 0;      // connections that were not done at the end of the drain
    channel_figures messages;   // of connections that have ended
    std::array<std::uint64_t, 32>
        ended{};  // connections by ending()'s code; none: the handler left before there was one

    std::uint64_t ended_by(errc code) const noexcept { return ended[static_cast<std::size_t>(code)]; }

    server_figures& operator+=(const server_figures& other) noexcept {
        accepted += other.accepted;
        open += other.open;
        refused += other.refused;
        pauses += other.pauses;
        thrown += other.thrown;
        cut += other.cut;
        messages += other.messages;
        for (std::size_t code = 0; code < ended.size(); ++code) ended[code] += other.ended[code];
        return *this;
    }
};

}  // namespace weir
