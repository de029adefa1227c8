// Whether the peer still takes what is being sent. What the kernel took is not asked: it makes room in large steps, so
// that a peer that reads steadily may seem to stand still for a minute. What the peer has not taken is looked at a few
// times in the limit.
#pragma once

#include <cstddef>
#include <optional>

#include "weir/base/time.h"

namespace [[gnu::visibility("default")]] weir {

// Thread safety: a value.
class stall_watch {
public:
    // A send begins to wait.
    void begin(time_point now, duration limit) noexcept {
        progress_ = now;
        next_look_ = later(now, limit / 8);
        untaken_.reset();
    }
    // When the next look is due.
    time_point next_look() const noexcept { return next_look_; }

    // Tells it what the peer has not taken yet (byte_stream::untaken()). A stall is from one look to another: the first
    // only tells what there is.
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

}  // namespace weir
