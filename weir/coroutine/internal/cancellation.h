// Passes a cancel to the one place where a chain of tasks waits. A chain (a task, the task that it awaits, and so on)
// shares one `cancellation`. While the chain waits, its `cancellation` refers to the awaiter at its end, which is a
// `cancellable`. Nothing is allocated.
//
//     scope ── cancellation ◀── task ── task ── receive()      request() reaches receive(): errc::cancelled
#pragma once

#include <utility>

#include "weir/base/check.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {

class task_promise;

// An awaiter that can be cancelled. It is usually in the frame of the waiting coroutine; for receive() it is the
// channel.
class cancellable {
public:
    cancellable() = default;
    cancellable(const cancellable&) = delete;
    cancellable& operator=(const cancellable&) = delete;

    // Called at most once, while the task waits. It must not resume the task itself; the loop does that later.
    virtual void cancel_wait() noexcept = 0;

    // The next two functions help to destroy a waiting task, see task_promise.cc. waiter() returns the task that waits
    // here; null when it is unknown. next_child() returns the child task to destroy next; null when there is none.
    virtual task_promise* waiter() const noexcept { return nullptr; }
    virtual task_promise* next_child() noexcept { return nullptr; }

protected:
    ~cancellable() = default;
};

// The cancellation of a chain of tasks. A request to cancel is permanent: every later wait of the chain is cancelled at
// once. Thread safety: its loop's thread alone.
class cancellation {
public:
    cancellation() = default;
    cancellation(const cancellation&) = delete;
    cancellation& operator=(const cancellation&) = delete;

    void request() noexcept {
        if (std::exchange(requested_, true)) return;
        if (waiting_ != nullptr) waiting_->cancel_wait();
    }
    bool requested() const noexcept { return requested_; }

    // enter() is called when the chain begins to wait, and leave() when it stops waiting.
    void enter(cancellable& one) {
        WEIR_CHECK(waiting_ == nullptr, "a task waits for two things at once");
        waiting_ = &one;
    }
    void leave() noexcept { waiting_ = nullptr; }
    // Returns the awaiter of the chain; null when the chain does not wait.
    cancellable* waits_for() const noexcept { return waiting_; }

private:
    cancellable* waiting_ = nullptr;
    bool requested_ = false;
};

}  // namespace internal
}  // namespace weir
