// `task<T>`: a coroutine that begins when it is awaited and gives a T to the one who awaits it.
//
//     weir::task<int> answer() { co_await weir::sleep(1s); co_return 42; }
//     weir::task<> ask() { int a = co_await answer(); ... }
//
// Lazy, owned, awaited once. An exception that leaves it reaches whoever awaits it. Calls may nest as deep as memory allows: a task
// that awaits another uses no stack for it (trampoline.h). Its frame comes from the thread's free lists (frame_pool.h).
//
// Arguments live in the frame: values are copied into it, references are only as good as what they refer to. A lambda that captures
// must not be a coroutine: its captures lie in the lambda, which is gone before the task ends.
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

// Told when a task that nobody awaits has ended: what a scope or a combinator is to its children. It must not destroy the task in
// this call.
class task_observer {
public:
    virtual void task_ended(bool threw) noexcept = 0;

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

    void awaited_by(std::coroutine_handle<> caller, cancellation& chain) noexcept {
        awaiting_ = caller;
        chain_ = &chain;
    }
    void observed_by(task_observer& observer, cancellation& chain) noexcept {
        observer_ = &observer;
        chain_ = &chain;
    }
    const std::exception_ptr& thrown() const noexcept { return thrown_; }

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
        if (observer_ != nullptr) return observer_->task_ended(thrown_ != nullptr);
        trampoline::next(awaiting_);
    }

    std::coroutine_handle<> awaiting_;
    task_observer* observer_ = nullptr;
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
class [[nodiscard("a task does nothing until it is awaited: co_await it, or spawn it in a scope")]] task {
    static_assert(!std::is_reference_v<T>, "a task gives a value; return a pointer if it must be a reference");

public:
    using value_type = T;

    class promise_type : public task_result<T> {
    public:
        task get_return_object() noexcept { return task(std::coroutine_handle<promise_type>::from_promise(*this)); }
    };

    task(task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
    task& operator=(task&& other) noexcept {
        std::swap(frame_, other.frame_);
        return *this;
    }
    // A task that waits is taken away from what it waits for.
    ~task() {
        if (frame_) frame_.destroy();
    }

    auto operator co_await() && noexcept { return awaiter(frame_); }

    // For scopes and combinators: who is told of its end, and its beginning. The frame stays owned here.
    std::coroutine_handle<> begin(task_observer& observer, cancellation& chain) noexcept {
        frame_.promise().observed_by(observer, chain);
        return frame_;
    }
    // What it gave, or throws what it threw. Once, after its end.
    T take() { return frame_.promise().take(); }

private:
    class awaiter {
    public:
        explicit awaiter(std::coroutine_handle<promise_type> frame) noexcept : frame_(frame) {}

        bool await_ready() const {
            WEIR_CHECK(frame_ && !frame_.done(), "a task is awaited once");
            return false;
        }
        template <class Promise>
        void await_suspend(std::coroutine_handle<Promise> caller) const noexcept {
            static_assert(on_a_loop<Promise>, "a weir::task is awaited in a weir::task; weir::run() enters the loop");
            frame_.promise().awaited_by(caller, caller.promise().chain());
            trampoline::next(frame_);
        }
        T await_resume() const { return frame_.promise().take(); }

    private:
        std::coroutine_handle<promise_type> frame_;
    };

    explicit task(std::coroutine_handle<promise_type> frame) noexcept : frame_(frame) {}

    std::coroutine_handle<promise_type> frame_;
};

}  // namespace weir
