// A queue between tasks of one loop: push() waits while the queue is full, and pop() waits while it is empty. The task
// that has waited longest is resumed first.
//
//     weir::queue<job> jobs(100);
//     co_await jobs.push(std::move(one));                         // errc::closed: nothing was queued
//     while (auto next = co_await jobs.pop()) work(*next);        // ends when it is closed and empty
//     if (!jobs.try_push(std::move(one))) drop();                 // from code that must not wait
#pragma once

#include <cstddef>
#include <deque>
#include <utility>

#include "weir/base/result.h"
#include "weir/coroutine/internal/only_awaited.h"
#include "weir/coroutine/internal/waiting_line.h"

namespace [[gnu::visibility("default")]] weir {

// A queue with a bounded number of values. It must outlive the tasks that wait in it. A cancelled pop() takes no value,
// and a cancelled push() queues none. Thread safety: its loop's thread alone; other threads post work to the loop
// (remote::post()).
template <class T>
class queue {
public:
    // Makes a queue for at most `capacity` values. A capacity of 0 fails a WEIR_CHECK.
    explicit queue(std::size_t capacity) : capacity_(capacity) {
        WEIR_CHECK(capacity != 0, "a queue needs a capacity of at least one value");
    }

    // The awaitable that push() returns.
    class push_awaiter final : internal::waiting_line::place, public internal::only_awaited {
    public:
        // For the library.
        push_awaiter(queue& into, T value)
            : internal::waiting_line::place(into.pushers_), into_(into), value_(std::move(value)) {}

        bool await_ready() const noexcept { return into_.closed_ || into_.has_room(); }
        template <internal::on_a_loop Promise>
        bool await_suspend(std::coroutine_handle<Promise> frame) {
            return line_up(frame);
        }
        result<void> await_resume() {
            if (!use_turn()) return error(errc::cancelled, "push");
            if (into_.closed_) return error(errc::closed, "push");
            into_.items_.push_back(std::move(value_));
            into_.poppers_.call();
            return {};
        }

    private:
        queue& into_;
        T value_;
    };

    // The awaitable that pop() returns.
    class pop_awaiter final : internal::waiting_line::place, public internal::only_awaited {
    public:
        // For the library.
        explicit pop_awaiter(queue& from) : internal::waiting_line::place(from.poppers_), from_(from) {}

        bool await_ready() const noexcept { return from_.closed_ || from_.has_item(); }
        template <internal::on_a_loop Promise>
        bool await_suspend(std::coroutine_handle<Promise> frame) {
            return line_up(frame);
        }
        result<T> await_resume() {
            if (!use_turn()) return error(errc::cancelled, "pop");
            if (from_.items_.empty()) return error(errc::closed, "pop");
            result<T> first(std::move(from_.items_.front()));
            from_.items_.pop_front();
            from_.pushers_.call();
            return first;
        }

    private:
        queue& from_;
    };

    // Waits for room, and queues the value. Waiting tasks keep their order. Errors: closed; cancelled. After an error,
    // nothing was queued.
    [[nodiscard("nothing is queued without co_await: `co_await jobs.push(...);`")]] push_awaiter push(T value) {
        return push_awaiter(*this, std::move(value));
    }
    // Waits for the next value, and takes it. Errors: closed, when the queue is closed and empty; cancelled.
    [[nodiscard("nothing is taken without co_await: `auto next = co_await jobs.pop();`")]] pop_awaiter pop() {
        return pop_awaiter(*this);
    }
    // Queues the value without waiting. Returns false, and queues nothing, when the queue is full or closed, or when
    // tasks wait in push().
    [[nodiscard]] bool try_push(T value) {
        if (closed_ || !has_room() || !pushers_.empty()) return false;
        items_.push_back(std::move(value));
        poppers_.call();
        return true;
    }

    // Closes the queue: nothing more can be queued, but the values in it can still be popped.
    void close() noexcept {
        closed_ = true;
        pushers_.call_all();
        poppers_.call_all();
    }

    // The number of queued values, and the largest possible number of them.
    std::size_t size() const noexcept { return items_.size(); }
    std::size_t capacity() const noexcept { return capacity_; }

private:
    // Room and items that are reserved for tasks that were woken but have not resumed yet do not count.
    bool has_room() const noexcept { return items_.size() + pushers_.called() < capacity_; }
    bool has_item() const noexcept { return items_.size() > poppers_.called(); }

    std::size_t capacity_;
    bool closed_ = false;
    std::deque<T> items_;
    internal::waiting_line pushers_;
    internal::waiting_line poppers_;
};

}  // namespace weir
