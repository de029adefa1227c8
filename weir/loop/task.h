// `task<T>`: a coroutine that begins when it is awaited and gives a T to the one who awaits it.
//
//     weir::task<int> answer() { co_await weir::sleep(1s); co_return 42; }
//     weir::task<> ask() { int a = co_await answer(); ... }
//
// Lazy, owned, awaited once. An exception that leaves it reaches whoever awaits it. Calls may nest as deep as memory
// allows: a task that awaits another uses no stack for it (trampoline.h). Its frame comes from the thread's free lists
// (frame_pool.h).
//
// Arguments live in the frame: values are copied into it, references are only as good as what they refer to. A lambda
// that captures must not be a coroutine: its captures lie in the lambda, which is gone before the task ends.
#pragma once

#include <concepts>
#include <coroutine>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "weir/base/check.h"
#include "weir/loop/cancellation.h"
#include "weir/loop/frame_pool.h"
#include "weir/loop/trampoline.h"

namespace [[gnu::visibility("default")]] weir {

class task_promise;

// Owns the frame of a task, or nothing. Private to the loop layer.
struct task_frame {
    std::coroutine_handle<> frame;

    // Gives ownership away.
    std::coroutine_handle<> release() noexcept { return std::exchange(frame, nullptr); }
};

// Told when a task that nobody awaits has ended: what a scope or a combinator is to its children. It must not destroy
// the task in this call.
class task_observer {
public:
    virtual void task_ended(bool threw) noexcept = 0;

    // For destroying a task that waits for others (task.cc): the task that waits for this one, null when none does, or
    // that is not known; and takes the frame of this one from its owner.
    virtual task_promise* waiter() const noexcept { return nullptr; }
    virtual std::coroutine_handle<> take_frame() noexcept { return nullptr; }

protected:
    ~task_observer() = default;
};

// What all tasks have in common, whatever they give. Private to the loop layer.
class task_promise {
public:
    static void* operator new(std::size_t size) { return frame_pool::take(size); }
    static void operator delete(void* frame, std::size_t size) noexcept { frame_pool::give(frame, size); }

    std::suspend_always initial_suspend() const noexcept { return {}; }
    auto final_suspend() const noexcept { return final_awaiter(); }
    void unhandled_exception() noexcept { thrown_ = std::current_exception(); }

    // The chain that this task is part of.
    cancellation& chain() const noexcept { return *chain_; }

    // Where a task is awaited: in the frame of its caller.
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

    // Destroys the frame of a task that has not ended, and before it those of the tasks it waits for, the innermost
    // first: in constant stack.
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

    std::coroutine_handle<> awaiting_;  // null when it is observed, or has not begun
    union {
        task_observer* observer_ = nullptr;
        place* where_;  // it is awaited
    };
    cancellation* chain_ = nullptr;
    std::exception_ptr thrown_;
};

// The promise of a coroutine that may await what belongs to a loop.
template <class P>
concept on_a_loop = std::derived_from<P, task_promise>;

template <class T>
class task_result : public task_promise {
public:
    void return_value(T given) { value_.emplace(std::move(given)); }
    T take() {
        if (thrown()) std::rethrow_exception(thrown());
        WEIR_CHECK(value_.has_value(), "what a task gave is taken once, after its end");
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

// Thread safety: one thread, its loop's, from its beginning to its end.
template <class T = void>
class [[nodiscard("a task does nothing until it is awaited: co_await it, or spawn it in a scope")]] task : task_frame {
    static_assert(!std::is_reference_v<T>, "a task gives a value; return a pointer if it must be a reference");

public:
    using value_type = T;

    class promise_type : public task_result<T> {
    public:
        task get_return_object() noexcept { return task(std::coroutine_handle<promise_type>::from_promise(*this)); }
    };

    task(task&& other) noexcept : task_frame{other.release()} {}
    task& operator=(task&& other) noexcept {
        std::swap(frame, other.frame);
        return *this;
    }
    // A task that waits is taken away from what it waits for.
    ~task() { destroy(*this); }

    // It owns the frame from now on, which is destroyed at the end of the expression.
    auto operator co_await() && noexcept { return awaiter(release()); }

    // For scopes and combinators: who is told of its end, and its beginning. The frame stays owned here, and this is
    // not moved any more.
    std::coroutine_handle<> begin(task_observer& observer, cancellation& chain) noexcept {
        promise_of(*this).observed_by(observer, chain);
        return frame;
    }
    // What it gave, or throws what it threw. Once, after its end.
    T take() { return promise_of(*this).take(); }

    // For scopes and combinators, when they are destroyed: null when the frame is gone, or the task has ended.
    task_promise* unended() noexcept { return frame && !frame.done() ? &promise_of(*this) : nullptr; }
    task_frame& owned() noexcept { return *this; }

private:
    class awaiter : task_promise::place {
    public:
        explicit awaiter(std::coroutine_handle<> owned) noexcept : task_promise::place{{owned}, nullptr} {}
        awaiter(const awaiter&) = delete;
        awaiter& operator=(const awaiter&) = delete;
        ~awaiter() { destroy(*this); }

        bool await_ready() const {
            WEIR_CHECK(this->frame && !this->frame.done(), "a task is awaited once");
            return false;
        }
        template <class Promise>
        void await_suspend(std::coroutine_handle<Promise> awaiting) noexcept {
            static_assert(on_a_loop<Promise>, "a weir::task is awaited in a weir::task; weir::run() enters the loop");
            promise_of(*this).awaited_in(*this, awaiting, awaiting.promise());
            trampoline::next(this->frame);
        }
        T await_resume() const { return promise_of(*this).take(); }
    };

    explicit task(std::coroutine_handle<promise_type> made) noexcept : task_frame{made} {}

    static promise_type& promise_of(const task_frame& one) noexcept {
        return std::coroutine_handle<promise_type>::from_address(one.frame.address()).promise();
    }
    static void destroy(task_frame& one) noexcept {
        if (!one.frame) return;
        task_promise& promise = promise_of(one);
        const std::coroutine_handle<> released = one.release();
        if (released.done()) return released.destroy();
        task_promise::destroy(released, promise);
    }
};

}  // namespace weir
