// The awaiter of detach(): the stream of a channel stops, and what the channel holds is collected. Private.
#pragma once

#include <coroutine>

#include "weir/base/buffer.h"
#include "weir/base/result.h"
#include "weir/coroutine/internal/waiting.h"
#include "weir/loop/byte_stream.h"
#include "weir/stream/internal/channel/channel_core.h"

namespace weir::internal {

// Thread safety: its loop's thread alone.
class channel_halting final : private waiting {
public:
    explicit channel_halting(channel_core& of) noexcept : of_(of) {}
    ~channel_halting() override { take_back(); }

    // Begins it. Returns true when it is over: at once, or because it is refused. Throws std::bad_alloc; then nothing
    // has changed.
    bool await_ready();
    template <on_a_loop Promise>
    bool await_suspend(std::coroutine_handle<Promise> frame) {
        if (park(frame)) return true;
        abandon();
        return false;
    }
    // Returns the halted stream. After an error other than a cancel the channel is unchanged.
    result<owned_stream> await_resume();

    // What had arrived and was not received, what was queued and not sent, and whether the peer's end was read.
    buffer unread;
    buffer unsent;
    bool has_ended = false;

private:
    friend class channel_core;

    void abandon() noexcept override { of_.abandon_halt(); }

    channel_core& of_;
    result<void> begun_;
};

}  // namespace weir::internal
