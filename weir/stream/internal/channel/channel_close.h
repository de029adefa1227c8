// The close of a channel: from stop(), or from the destruction of the last handle, until the stream is closed.
//
//     open ──stop()──▶ stopping ──wait()──▶ in_grace ──received()──▶ last_input    while a handle exists
//       └──────────────────┴───── begin() ─────┴──────────┐
//                                                         ▼
//                                                   sending_queue ──drain()──▶ draining    afterwards
#pragma once

#include <cstdint>

#include "weir/base/time.h"
#include "weir/stream/channel_limits.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {

// Thread safety: a value.
class channel_close {
public:
    // After stop(): how long receiving waits for data that is already in transit.
    static constexpr duration grace = std::chrono::milliseconds(10);

    enum class state : std::uint8_t {
        open,
        stopping,       // receiving ends at the next message boundary without further bytes
        in_grace,       // a receive is submitted: receiving ends when nothing arrives for a short time
        last_input,     // bytes arrived meanwhile: receiving ends at the next message boundary
        sending_queue,  // the last handle was destroyed: the queue is sent
        draining,       // the sending direction is shut down: input is dropped until the peer closes too
    };

    state now() const noexcept { return state_; }
    // True when no handle is left.
    bool is_closing() const noexcept { return state_ >= state::sending_queue; }
    bool is_stopping() const noexcept { return state_ > state::open && state_ < state::sending_queue; }
    bool is_last_input() const noexcept { return state_ == state::last_input; }
    bool is_draining() const noexcept { return state_ == state::draining; }

    void stop() noexcept {
        if (state_ == state::open) state_ = state::stopping;
    }
    // Call it when a receive was submitted; `at` is the current time.
    void wait(time_point at) noexcept {
        if (state_ != state::stopping) return;
        state_ = state::in_grace;
        until_ = later(at, grace);
    }
    // Call it when bytes arrived.
    void received() noexcept {
        if (state_ == state::in_grace) state_ = state::last_input;
    }
    // Call it when the last handle was destroyed.
    void begin() noexcept { state_ = state::sending_queue; }
    // Begins to drain; draining ends at `until` at the latest.
    void drain(time_point until) noexcept {
        state_ = state::draining;
        until_ = until;
    }
    // The time at which in_grace, last_input or draining ends at the latest. In the other states this time is in the
    // past.
    time_point until() const noexcept { return until_; }

    // Counts input that is dropped.
    void drop(std::size_t bytes) noexcept { dropped_bytes_ += bytes; }
    bool has_dropped_enough(const channel_limits& limits) const noexcept {
        return limits.linger_bytes && dropped_bytes_ > *limits.linger_bytes;
    }

private:
    state state_ = state::open;
    time_point until_{};
    std::uint64_t dropped_bytes_ = 0;
};

}  // namespace internal
}  // namespace weir
