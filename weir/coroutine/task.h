// `task<T>`: a coroutine that begins when it is awaited, and returns a T to the coroutine that awaits it.
//
//     weir::task<int> answer() { co_await weir::sleep(1s); co_return 42; }
//     weir::task<> ask() { int a = co_await answer(); ... }
//
// A task does not begin before it is awaited, has one owner, and is awaited once. An exception that the task does not
// catch is thrown where the task is awaited. Calls may nest as deep as memory allows, because awaiting another task
// uses no stack (internal/trampoline.h). The coroutine frame comes from free lists of the thread
// (internal/frame_pool.h).
//
// The coroutine frame contains the arguments: values are copied into it, and a reference must refer to something that
// outlives the task. A lambda with captures must not be a coroutine: its captures are in the lambda object, which is
// usually destroyed before the task ends.
#pragma once

#include "weir/base/language.h"

#include <coroutine>
#include <source_location>
#include <type_traits>
#include <utility>

#include "weir/base/check.h"
#include "weir/coroutine/internal/only_awaited.h"
#include "weir/coroutine/internal/task_promise.h"

namespace [[gnu::visibility("default")]] weir {

// A coroutine that returns a T to the coroutine that awaits it. Thread safety: a task runs on its loop's thread alone.
template <class T = void>
class [[nodiscard("a task does nothing until it is awaited: co_await it, or spawn it in a scope")]] task
    : internal::task_frame,
      public internal::only_awaited {
    static_assert(!std::is_reference_v<T>, "a task gives a value; return a pointer if it must be a reference");

public:
    using value_type = T;  // the type of its value

    // For the compiler.
    class promise_type : public internal::task_result<T> {
    public:
        task get_return_object() noexcept { return task(std::coroutine_handle<promise_type>::from_promise(*this)); }
    };

    // A moved-from task may only be assigned or destroyed.
    task(task&& other) noexcept : internal::task_frame{other.release()} {}
    task& operator=(task&& other) noexcept {
        std::swap(frame, other.frame);
        return *this;
    }
    // Destroying a task that waits withdraws it from the event that it waits for.
    ~task() { destroy(*this); }

    // The awaiter takes over the frame, and destroys it at the end of the co_await expression.
    auto operator co_await() && noexcept { return awaiter(release()); }

    // For scopes and combinators. Sets the observer of the task's end and the chain of cancellation, and returns the
    // frame to resume. The task still owns the frame, and must not be moved after that.
    std::coroutine_handle<> begin(internal::task_observer& observer, internal::cancellation& chain) noexcept {
        promise_of(*this).observed_by(observer, chain);
        return frame;
    }
    // Returns the value, or throws the exception. Call it once, after the task has ended.
    T take() { return promise_of(*this).take(); }

    // Scopes and combinators use the next two functions to destroy tasks that wait. unended() returns the promise; null
    // when the frame was destroyed or the task has ended. owned() returns the object that owns the frame.
    internal::task_promise* unended() noexcept { return frame && !frame.done() ? &promise_of(*this) : nullptr; }
    internal::task_frame& owned() noexcept { return *this; }

private:
    class awaiter : internal::task_promise::place {
    public:
        explicit awaiter(std::coroutine_handle<> owned) noexcept : internal::task_promise::place{{owned}, nullptr} {}
        awaiter(const awaiter&) = delete;
        awaiter& operator=(const awaiter&) = delete;
        ~awaiter() { destroy(*this); }

        bool await_ready(std::source_location where = std::source_location::current()) const {
            WEIR_CHECK(this->frame && !this->frame.done(), "a task can be awaited only once", where);
            return false;
        }
        template <class Promise>
        void await_suspend(std::coroutine_handle<Promise> awaiting) noexcept {
            static_assert(internal::on_a_loop<Promise>,
                          "a weir::task can be awaited only in a weir::task; weir::run() starts the first one");
            promise_of(*this).awaited_in(*this, awaiting, awaiting.promise());
            internal::trampoline::next(this->frame);
        }
        T await_resume() const { return promise_of(*this).take(); }
    };

    explicit task(std::coroutine_handle<promise_type> made) noexcept : internal::task_frame{made} {}

    static promise_type& promise_of(const internal::task_frame& one) noexcept {
        return std::coroutine_handle<promise_type>::from_address(one.frame.address()).promise();
    }
    static void destroy(internal::task_frame& one) noexcept {
        if (!one.frame) return;
        internal::task_promise& promise = promise_of(one);
        const std::coroutine_handle<> released = one.release();
        if (released.done()) return released.destroy();
        internal::task_promise::destroy(released, promise);
    }
};

}  // namespace weir
