// The base of an awaiter for child tasks. It resumes the waiting task when all children have ended. A cancel of the
// waiting task cancels all children.
#pragma once

#include "weir/base/language.h"

#include <coroutine>
#include <cstddef>
#include <span>

#include "weir/coroutine/internal/child_task.h"
#include "weir/coroutine/internal/parked_coroutine.h"
#include "weir/loop/loop.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {

// The owner of the children derives from this class. It calls one_more() for each child, and one_less() when a child
// has ended. Thread safety: its loop's thread alone.
class children_awaiter : private parked_coroutine, protected child_task_owner {
public:
    bool await_ready() const noexcept { return false; }

    template <on_a_loop Promise>
    bool await_suspend(std::coroutine_handle<Promise> frame) {
        begin_children(loop::current());
        if (frame.promise().chain().requested()) cancel_children();
        if (left_ == 0) return false;
        enter(frame);
        return true;
    }

protected:
    children_awaiter() = default;
    ~children_awaiter() = default;

    virtual void begin_children(loop& here) = 0;
    virtual void cancel_children() noexcept = 0;

    void one_more() noexcept { ++left_; }
    // Call it at the end of child_ended().
    void one_less() noexcept {
        if (--left_ == 0 && is_parked()) trampoline::next(leave());
    }

private:
    void cancel_wait() noexcept final { cancel_children(); }
    task_promise* parent() const noexcept final { return waiter(); }

    std::size_t left_ = 0;  // children that have not ended
};

}  // namespace internal
}  // namespace weir
