// The coroutine that an awaiter has suspended. While the coroutine waits, its awaiter is registered in the chain of
// cancellation, so that a cancel reaches the awaiter. This class is the base of event_awaiter and children_awaiter.
// Channels and servers do not use it; they are `cancellable` themselves.
#pragma once

#include "weir/base/language.h"

#include <coroutine>
#include <utility>

#include "weir/coroutine/internal/cancellation.h"
#include "weir/coroutine/internal/task_promise.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {

// Thread safety: its loop's thread alone.
class parked_coroutine : protected cancellable {
protected:
    parked_coroutine() = default;
    // The frame may be destroyed while the coroutine waits.
    ~parked_coroutine() {
        if (promise_ != nullptr) promise_->chain().leave();
    }

    // Call it in await_suspend().
    template <on_a_loop Promise>
    void enter(std::coroutine_handle<Promise> frame) {
        frame_ = frame;
        promise_ = &frame.promise();
        promise_->chain().enter(*this);
    }
    // Ends the wait, and returns the coroutine for the caller to resume.
    std::coroutine_handle<> leave() noexcept {
        std::exchange(promise_, nullptr)->chain().leave();
        return frame_;
    }
    bool is_parked() const noexcept { return promise_ != nullptr; }
    // The task that waits; null when none does.
    task_promise* waiter() const noexcept final { return promise_; }

private:
    std::coroutine_handle<> frame_;
    task_promise* promise_ = nullptr;
};

}  // namespace internal
}  // namespace weir
