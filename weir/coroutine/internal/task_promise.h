// The promise of a task. It refers to the coroutine that is resumed when the task ends, and to the chain of
// cancellation. It also destroys a task that has not ended.
#pragma once

#include "weir/base/language.h"

#include <concepts>
#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

#include "weir/base/check.h"
#include "weir/coroutine/internal/cancellation.h"
#include "weir/coroutine/internal/frame_pool.h"
#include "weir/coroutine/internal/trampoline.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {

class task_promise;

// Owns the frame of a task, or nothing.
struct task_frame {
    std::coroutine_handle<> frame;

    // Releases ownership, and returns the frame.
    std::coroutine_handle<> release() noexcept { return std::exchange(frame, nullptr); }
};

// The observer of a task that no other task awaits; it is notified when that task ends. Scopes and combinators observe
// their children. The observer must not destroy the task in task_ended().
class task_observer {
public:
    virtual void task_ended(bool threw) noexcept = 0;

    // The next two functions help to destroy a task that waits for others, see task_promise.cc. waiter() returns the
    // task that waits for the observed one; null when there is none or it is unknown. take_frame() takes the frame of
    // the observed task from its owner.
    virtual task_promise* waiter() const noexcept { return nullptr; }
    virtual std::coroutine_handle<> take_frame() noexcept { return nullptr; }

protected:
    ~task_observer() = default;
};

// The part of the promise that does not depend on the type of the task's value.
class task_promise {
public:
    static void* operator new(std::size_t size) { return frame_pool::take(size); }
    static void operator delete(void* frame, std::size_t size) noexcept { frame_pool::give(frame, size); }

    std::suspend_always initial_suspend() const noexcept { return {}; }
    auto final_suspend() const noexcept { return final_awaiter(); }
    void unhandled_exception() noexcept { thrown_ = std::current_exception(); }

    // Returns the chain of cancellation that this task is part of.
    cancellation& chain() const noexcept { return *chain_; }

    // The place where a task is awaited, in the frame of its caller.
    struct place : task_frame {
        task_promise* caller = nullptr;
    };

    void awaited_in(place& where, std::coroutine_handle<> caller, task_promise& calling) noexcept {
        awaiting_ = caller;
        where_ = &where;
        where.caller = &calling;
        chain_ = calling.chain_;
    }
    void observed_by(task_observer& observer, cancellation& chain) noexcept {
        observer_ = &observer;
        chain_ = &chain;
    }
    const std::exception_ptr& thrown() const noexcept { return thrown_; }

    // Destroys the frame of a task that has not ended. First it destroys the frames of the tasks that this one waits
    // for, the innermost first. The stack that it needs is bounded.
    static void destroy(std::coroutine_handle<> frame, task_promise& of) noexcept;

private:
    struct final_awaiter {
        bool await_ready() const noexcept { return false; }
        template <class Promise>
        void await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
            ended.promise().end();
        }
        void await_resume() const noexcept {}
    };

    void end() noexcept {
        if (!awaiting_) return observer_->task_ended(thrown_ != nullptr);
        trampoline::next(awaiting_);
    }

    task_promise& innermost() noexcept;
    bool is_called_by(const task_promise& other) const noexcept;
    static void destroy_waiting(std::coroutine_handle<> frame, task_promise& of) noexcept;

    std::coroutine_handle<> awaiting_;  // null when the task is observed, or has not begun
    union {
        task_observer* observer_ = nullptr;
        place* where_;  // used when the task is awaited
    };
    cancellation* chain_ = nullptr;
    std::exception_ptr thrown_;
};

// The promise of a coroutine that may await operations of a loop.
template <class P>
concept on_a_loop = std::derived_from<P, task_promise>;

template <class T>
class task_result : public task_promise {
public:
    void return_value(T given) { value_.emplace(std::move(given)); }
    T take() {
        if (thrown()) std::rethrow_exception(thrown());
        WEIR_CHECK(value_.has_value(), "the result of a task can be taken only once, after the task has ended");
        return *std::move(value_);
    }

private:
    std::optional<T> value_;
};

template <>
class task_result<void> : public task_promise {
public:
    void return_void() const noexcept {}
    void take() const {
        if (thrown()) std::rethrow_exception(thrown());
    }
};

}  // namespace internal
}  // namespace weir
