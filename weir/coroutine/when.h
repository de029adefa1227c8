// Runs several tasks concurrently, as one operation to await.
//
//     auto [a, b] = co_await when_all(one(), other());          both; std::monostate for a task<void>
//     auto first = co_await when_any(one(), other());           a variant; first.index() is its place
//     auto late = co_await with_deadline(one(), at);            a result; errc::timed_out when it was late
//
// When the awaiting task resumes, all of these tasks have ended; those that were no longer needed were cancelled. A
// cancel of the awaiting task cancels all of them. An exception of a task that is still needed cancels the others, and
// is thrown when all have ended. The values and exceptions of the others are dropped.
#pragma once

#include <utility>

#include "weir/coroutine/internal/deadline_awaiter.h"
#include "weir/coroutine/internal/when_awaiters.h"

namespace [[gnu::visibility("default")]] weir {

// Returns the values of all tasks, as a tuple.
template <class... T>
    requires(sizeof...(T) > 0)
[[nodiscard("nothing runs without co_await: `co_await weir::when_all(...);`")]] internal::when_all_awaiter<T...>
when_all(task<T>... tasks) {
    return internal::when_all_awaiter<T...>(std::move(tasks)...);
}

// Returns the value of the task that ends first, as a variant.
template <class... T>
    requires(sizeof...(T) > 0)
[[nodiscard(
    "nothing runs without co_await: `auto first = co_await weir::when_any(...);`")]] internal::when_any_awaiter<T...>
when_any(task<T>... tasks) {
    return internal::when_any_awaiter<T...>(std::move(tasks)...);
}

// Cancels the task when the deadline passes. The result is then errc::timed_out. But if a task<result<T>> still ends
// with a result other than errc::cancelled, that result is returned.
template <class T>
[[nodiscard(
    "nothing runs without co_await: `auto done = co_await weir::with_deadline(...);`")]] internal::deadline_awaiter<T>
with_deadline(task<T> one, deadline until) {
    return internal::deadline_awaiter<T>(std::move(one), until);
}

}  // namespace weir
