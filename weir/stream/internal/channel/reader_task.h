// The task that waits in receive() of a channel. It is not part of channel_receiver, because an idle channel keeps it.
//
//     empty ──park()──▶ parked ──resume_later()──▶ resuming ──leave()──▶ empty
#pragma once

#include "weir/base/language.h"

#include <coroutine>
#include <cstdint>
#include <utility>

#include "weir/base/time.h"
#include "weir/coroutine/task.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {

// Thread safety: its loop's thread alone.
class reader_task {
public:
    enum class state : std::uint8_t {
        empty,     // no task waits in receive()
        parked,    // suspended
        resuming,  // still suspended; the loop resumes it soon
    };

    bool is_empty() const noexcept { return state_ == state::empty; }
    bool is_resuming() const noexcept { return state_ == state::resuming; }
    // The task is suspended, and nothing has resumed it yet.
    bool waits() const noexcept { return state_ == state::parked; }

    void park(std::coroutine_handle<> frame, task_promise& its) noexcept {
        state_ = state::parked;
        frame_ = frame;
        promise = &its;
    }
    void resume_later() noexcept { state_ = state::resuming; }
    // The task resumes now, or its frame is destroyed. Returns its frame.
    std::coroutine_handle<> leave() noexcept {
        state_ = state::empty;
        std::exchange(promise, nullptr)->chain().leave();
        return std::exchange(frame_, nullptr);
    }

    deadline until;                   // the deadline of receive()
    task_promise* promise = nullptr;  // null while no task waits

private:
    std::coroutine_handle<> frame_;
    state state_ = state::empty;
};

}  // namespace internal
}  // namespace weir
