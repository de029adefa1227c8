// The awaiter of a task that waits for children: it goes on when all of them have ended, and a cancel reaches all of
// them.
#pragma once

#include <coroutine>
#include <cstddef>
#include <span>

#include "weir/loop/cancellation.h"
#include "weir/loop/child.h"
#include "weir/loop/loop.h"

namespace [[gnu::visibility("default")]] weir {

// What owns the children derives from this and tells of each end. Thread safety: its loop's thread alone.
class waiting_for_children : private cancellable, protected child_owner {
public:
    bool await_ready() const noexcept { return false; }

    template <on_a_loop Promise>
    bool await_suspend(std::coroutine_handle<Promise> frame) {
        parent_ = frame;
        promise_ = &frame.promise();
        begin_children(loop::current());
        if (promise_->chain().requested()) cancel_children();
        if (left_ == 0) return false;
        promise_->chain().enter(*this);
        is_waiting_ = true;
        return true;
    }

protected:
    waiting_for_children() = default;
    ~waiting_for_children() {
        if (is_waiting_) promise_->chain().leave();
    }

    virtual void begin_children(loop& here) = 0;
    virtual void cancel_children() noexcept = 0;

    void one_more() noexcept { ++left_; }
    // Called in child_ended(), last.
    void one_less() noexcept {
        if (--left_ != 0 || !is_waiting_) return;
        is_waiting_ = false;
        promise_->chain().leave();
        trampoline::next(parent_);
    }

private:
    void cancel_wait() noexcept final { cancel_children(); }
    task_promise* waiter() const noexcept final { return promise_; }
    task_promise* parent() const noexcept final { return promise_; }

    std::coroutine_handle<> parent_;
    task_promise* promise_ = nullptr;
    std::size_t left_ = 0;
    bool is_waiting_ = false;
};

}  // namespace weir
