// Detects a peer that has stopped reading while a send waits. It does not compare what the kernel took: the kernel
// makes room in large steps, so a peer that reads steadily may seem to have stopped for a minute. It compares what the
// peer has not taken yet, several times within the limit.
#pragma once

#include <cstddef>
#include <optional>

#include "weir/base/time.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {

// Thread safety: a value.
class stall_watch {
public:
    // Call it when a send begins to wait.
    void begin(time_point now, duration limit) noexcept {
        progress_ = now;
        next_look_ = later(now, limit / 8);
        untaken_.reset();
    }
    // When the next look is due.
    time_point next_look() const noexcept { return next_look_; }

    // Compares the number of bytes that the peer has not taken yet (byte_stream::untaken()) with that of the last look.
    // The first look has nothing to compare with.
    enum class verdict : unsigned char { first, moves, waits, stalled };
    verdict look(std::size_t untaken, time_point now, duration limit) noexcept {
        next_look_ = later(now, limit / 4);
        const bool is_first = !untaken_;
        if (is_first || *untaken_ != untaken) {
            untaken_ = untaken;
            progress_ = now;
            return is_first ? verdict::first : verdict::moves;
        }
        return now < later(progress_, limit) ? verdict::waits : verdict::stalled;
    }

private:
    time_point progress_{};
    time_point next_look_{};
    std::optional<std::size_t> untaken_;  // at the last look
};

}  // namespace internal
}  // namespace weir
