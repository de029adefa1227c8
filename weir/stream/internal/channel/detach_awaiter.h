// The awaiter of detach(): it stops the stream of a channel and collects the bytes that the channel holds. Private.
#pragma once

#include <coroutine>
#include <cstdint>

#include "weir/base/buffer.h"
#include "weir/base/result.h"
#include "weir/coroutine/internal/event_awaiter.h"
#include "weir/loop/byte_stream.h"
#include "weir/stream/internal/channel/channel_core.h"

namespace weir::internal {

// Thread safety: its loop's thread alone.
class detach_awaiter final : private event_awaiter {
public:
    explicit detach_awaiter(channel_core& of) noexcept : of_(of) {}
    ~detach_awaiter() override { take_back(); }

    bool await_ready() const noexcept { return false; }
    // Begins to halt the stream, unless the task was already cancelled.
    template <on_a_loop Promise>
    bool await_suspend(std::coroutine_handle<Promise> frame) {
        if (!frame.promise().chain().requested() && completes_at_once()) return false;
        return park(frame);
    }
    // Returns the halted stream.
    result<owned_stream> await_resume();

    // The bytes that had arrived and were not received; those that were queued and not sent; whether the end of the
    // stream was read; and whether the sending side was shut down.
    buffer unread;
    send_queue unsent;
    bool input_ended = false;
    bool output_ended = false;

private:
    friend class channel_core;

    enum class state : std::uint8_t {
        refused,  // it did not begin, or was cancelled before: the channel is unchanged
        begun,
    };

    bool completes_at_once() noexcept;
    void abandon() noexcept override { of_.abandon_halt(); }

    channel_core& of_;
    state state_ = state::refused;
    error why_{errc::cancelled};  // in state refused
};

}  // namespace weir::internal
