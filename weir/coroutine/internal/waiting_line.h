// A line of waiting tasks. They are woken one at a time, in the order in which they began to wait. Queues and channels
// use it. The loop resumes a task some time after call() has woken it. If the task is cancelled in between, the next
// task is woken instead.
#pragma once

#include <cstddef>

#include "weir/coroutine/internal/event_awaiter.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {

// Thread safety: its loop's thread alone.
class waiting_line {
public:
    // An awaiter in a line.
    class place : protected event_awaiter, private list_item<place> {
    public:
        ~place() override {
            take_back();
            if (called_) leave_called();
        }

    protected:
        explicit place(waiting_line& line) noexcept : line_(line) {}

        template <on_a_loop Promise>
        bool line_up(std::coroutine_handle<Promise> frame) {
            if (!park(frame)) return false;
            line_.places_.push(*this);
            return true;
        }
        // Call it in await_resume(). Returns false when the wait was cancelled; the next task is then woken instead.
        bool use_turn() noexcept {
            if (called_) pass_called();
            return !is_cancelled();
        }

    private:
        friend class waiting_line;
        friend class intrusive_list<place>;
        void abandon() noexcept final { line_.places_.remove(*this); }
        void leave_called() noexcept;
        void pass_called() noexcept;

        bool called_ = false;  // declared first to use the padding of event_awaiter
        waiting_line& line_;
    };

    waiting_line() = default;
    waiting_line(const waiting_line&) = delete;
    waiting_line& operator=(const waiting_line&) = delete;

    // Returns the number of tasks that have been woken and have not resumed yet.
    std::size_t called() const noexcept { return called_; }
    bool empty() const noexcept { return places_.empty(); }
    // Returns the place of the task that is woken next; null when none waits.
    const place* first() const noexcept { return places_.first(); }
    // Wakes the next task, if there is one.
    void call() noexcept;
    void call_all() noexcept {
        while (!empty()) call();
    }

private:
    intrusive_list<place> places_;
    std::size_t called_ = 0;
};

}  // namespace internal
}  // namespace weir
