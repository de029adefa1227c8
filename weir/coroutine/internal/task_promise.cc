// Destroys a task that has not ended. Its frame owns the task that it awaits, and so on. Destroying the outermost frame
// first would therefore use stack in proportion to the depth of the calls. So the innermost frame is destroyed first,
// and then that of its caller:
//
//     task ─▶ task ─▶ when_all ─▶ task ─▶ task ─▶ sleep         the outermost is destroyed
//       5       4        ╰──────▶ 2        1                    in this order
//                 ╰─────────────▶ 3
//
// Nested destructors would run in the same order.
#include "weir/coroutine/internal/task_promise.h"

#include <new>
#include <vector>

namespace weir::internal {
namespace {

// A frame may own tasks that never began (as arguments), and these may own further ones. They are destroyed recursively
// down to this depth; deeper ones are destroyed later.
constexpr unsigned most_depth = 64;

struct under_way {
    unsigned depth = 0;
    std::vector<std::coroutine_handle<>> put_off;
};
constinit thread_local under_way* destroying = nullptr;

// Saves the frame, to be destroyed later. Returns false when there is no memory for that.
bool put_off(std::coroutine_handle<> frame) noexcept {
    try {
        destroying->put_off.push_back(frame);
        return true;
    } catch (const std::bad_alloc&) {
        return false;
    }
}

}  // namespace

void task_promise::destroy(std::coroutine_handle<> frame, task_promise& of) noexcept {
    if (destroying != nullptr) {
        // A task that has not begun refers to nothing in the frame that owns it, so it may be destroyed later.
        if (of.chain_ == nullptr && destroying->depth >= most_depth && put_off(frame)) return;
        ++destroying->depth;
        destroy_waiting(frame, of);
        --destroying->depth;
        return;
    }
    under_way all;
    destroying = &all;
    destroy_waiting(frame, of);
    while (!all.put_off.empty()) {
        const std::coroutine_handle<> next = all.put_off.back();
        all.put_off.pop_back();
        next.destroy();
    }
    destroying = nullptr;
}

void task_promise::destroy_waiting(std::coroutine_handle<> frame, task_promise& of) noexcept {
    task_promise* now = &of.innermost();
    for (;;) {
        cancellable* const waits = now->chain_ == nullptr ? nullptr : now->chain_->waits_for();
        if (waits != nullptr && waits->waiter() == now) {
            if (task_promise* const child = waits->next_child()) {
                now = &child->innermost();
                continue;
            }
        }
        if (now == &of) return frame.destroy();
        const bool is_awaited = static_cast<bool>(now->awaiting_);
        task_promise* const caller = is_awaited ? now->where_->caller : now->observer_->waiter();
        const std::coroutine_handle<> inner = is_awaited ? now->where_->release() : now->observer_->take_frame();
        inner.destroy();
        now = caller;
    }
}

// Returns the task that waits at the end of the chain that this task is part of, or this task if that one is unknown.
task_promise& task_promise::innermost() noexcept {
    cancellable* const waits = chain_ == nullptr ? nullptr : chain_->waits_for();
    task_promise* const last = waits == nullptr ? nullptr : waits->waiter();
    return last != nullptr && last->is_called_by(*this) ? *last : *this;
}

bool task_promise::is_called_by(const task_promise& other) const noexcept {
    const task_promise* one = this;
    while (one != &other && one->awaiting_) one = one->where_->caller;
    return one == &other;
}

}  // namespace weir::internal
