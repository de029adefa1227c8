// The base of an awaiter for one event, in the frame of the waiting task. It completes once, and can be cancelled until
// the task resumes. When the frame is destroyed, the awaiter withdraws from the event.
//
//     await_ready ── no ──▶ park() ──▶ complete() ──▶ ready list ──▶ resumed
//                             │  ▲         ▲
//                             ▼  │         │ cancel: abandon(), then complete(); a cancel wins until the task resumes
//                           the event
#pragma once

#include "weir/base/language.h"

#include <coroutine>

#include "weir/coroutine/internal/parked_coroutine.h"
#include "weir/loop/internal/ready_list.h"
#include "weir/loop/loop.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {

// Thread safety: its loop's thread alone.
class event_awaiter : protected ready_item, protected parked_coroutine {
public:
    event_awaiter() = default;
    // A derived class must call take_back() in its destructor.
    ~event_awaiter() override = default;

protected:
    // Call it in await_suspend(). Returns false when the chain is cancelled already: then the task does not wait, and
    // is_cancelled() is true.
    template <on_a_loop Promise>
    bool park(std::coroutine_handle<Promise> frame) {
        if (frame.promise().chain().requested()) {
            cancelled_ = true;
            return false;
        }
        enter(frame);
        return true;
    }

    // Call it once, when the event has happened: the loop resumes the task.
    void complete() noexcept { loop::current().make_ready(*this); }

    // Withdraws from the event, which must not call complete() after that.
    virtual void abandon() noexcept = 0;

    bool is_cancelled() const noexcept { return cancelled_; }

    // Call it in the destructor of a derived class: the frame may be destroyed while the task waits.
    void take_back() noexcept {
        if (is_parked() && !is_listed()) abandon();
    }

private:
    void cancel_wait() noexcept final {
        cancelled_ = true;
        if (is_listed()) return;
        abandon();
        complete();
    }
    void run() final { trampoline::run(leave()); }

    bool cancelled_ = false;
};

}  // namespace internal
}  // namespace weir
