// The concept of an operation that a task may co_await.
#pragma once

#include "weir/base/language.h"

#include <concepts>

namespace [[gnu::visibility("default")]] weir {

// An operation that returns a T: `T got = co_await operation;`. An operation of a loop must be awaited by a task of
// that loop, in the expression that makes the operation, and only once. The operation does nothing until it is awaited.
// The declaration of an operation documents when the task is suspended, and what a cancel does.
template <class Operation, class T>
concept awaitable = requires(Operation& one) {
    { one.await_ready() } -> std::same_as<bool>;
    { one.await_resume() } -> std::same_as<T>;
};

}  // namespace weir
