// What every awaiter of the loop layer is made of: it waits in a task's frame, is completed once by whatever it waits
// for, can be cancelled until it is resumed, and takes itself back when the frame is destroyed.
//
//     await_ready ── no ──▶ park() ──▶ complete() ──▶ ready list ──▶ resumed
//                             │  ▲         ▲
//                             ▼  │         │ cancel(): abandon(), then as if completed; wins until it is resumed
//                        the thing it waits for
#pragma once

#include <coroutine>

#include "weir/loop/cancellation.h"
#include "weir/loop/loop.h"
#include "weir/loop/ready_list.h"
#include "weir/loop/task.h"

namespace [[gnu::visibility("default")]] weir {

// Thread safety: its loop's thread alone.
class waiting : protected ready_item, protected cancellable {
public:
    waiting() = default;
    // A derived class calls take_back() in its destructor.
    ~waiting() override {
        if (promise_ != nullptr) promise_->chain().leave();
    }

protected:
    // In await_suspend. False when the chain is cancelled already: then it does not wait, and is_cancelled().
    template <on_a_loop Promise>
    bool park(std::coroutine_handle<Promise> frame) {
        if (frame.promise().chain().requested()) {
            cancelled_ = true;
            return false;
        }
        frame_ = frame;
        promise_ = &frame.promise();
        promise_->chain().enter(*this);
        return true;
    }

    // What it waited for has happened: it will be resumed. Once.
    void complete() noexcept { loop::current().make_ready(*this); }

    // It waits no longer for what it waited for, which must not complete it now.
    virtual void abandon() noexcept = 0;

    bool is_parked() const noexcept { return promise_ != nullptr; }
    bool is_cancelled() const noexcept { return cancelled_; }

    // For the destructor of a derived class: the frame may be destroyed while it waits.
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
    task_promise* waiter() const noexcept final { return promise_; }

    void run() final {
        std::exchange(promise_, nullptr)->chain().leave();
        trampoline::run(frame_);
    }

    std::coroutine_handle<> frame_;
    task_promise* promise_ = nullptr;
    bool cancelled_ = false;
};

}  // namespace weir
