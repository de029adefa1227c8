// A task that runs concurrently with the one that started it. A child has its own chain of cancellation, and notifies
// its owner when it ends. run(), scopes and combinators use it.
#pragma once

#include "weir/base/language.h"

#include <coroutine>

#include "weir/coroutine/internal/cancellation.h"
#include "weir/coroutine/task.h"
#include "weir/loop/loop.h"

namespace [[gnu::visibility("default")]] weir {

namespace internal {

class child_task;

class child_task_owner {
public:
    // Called when a child has ended. The owner must not destroy the child's task in this call.
    virtual void child_ended(child_task& one) noexcept = 0;
    // parent() returns the task that waits for the children; null when none does. child_taken() is called when the
    // frame of this child was taken and will be destroyed.
    virtual task_promise* parent() const noexcept { return nullptr; }
    virtual void child_taken(child_task&) noexcept {}

protected:
    ~child_task_owner() = default;
};

// Thread safety: its loop's thread alone.
class child_task : public ready_item, private task_observer {
public:
    // Starts the task; it runs after everything that is ready now. The caller still owns the task, and must destroy it
    // before this child. The owner, if any, is notified when the task ends.
    template <class T>
    void begin(task<T>& one, loop& here, child_task_owner* owner = nullptr) {
        owner_ = owner;
        task_ = &one.owned();
        one.begin(*this, chain_);
        here.make_ready(*this);
    }

    void cancel() noexcept { chain_.request(); }
    bool is_cancelled() const noexcept { return chain_.requested(); }
    bool has_ended() const noexcept { return ended_; }
    bool has_thrown() const noexcept { return threw_; }

    void run() override { trampoline::run(task_->frame); }
    // Call it when the task of this child was destroyed before the task began.
    void forget() noexcept { unlist(); }

private:
    void task_ended(bool threw) noexcept final {
        ended_ = true;
        threw_ = threw;
        if (owner_ != nullptr) owner_->child_ended(*this);
    }
    task_promise* waiter() const noexcept final { return owner_ == nullptr ? nullptr : owner_->parent(); }
    std::coroutine_handle<> take_frame() noexcept final {
        unlist();
        const std::coroutine_handle<> taken = task_->release();
        owner_->child_taken(*this);
        return taken;
    }

    task_frame* task_ = nullptr;
    cancellation chain_;
    child_task_owner* owner_ = nullptr;
    bool ended_ = false;
    bool threw_ = false;
};

}  // namespace internal
}  // namespace weir
