// What a task may co_await.
#pragma once

#include <concepts>

namespace [[gnu::visibility("default")]] weir {

// The type of an operation that gives a T: `T got = co_await operation;`. Operations of a loop are awaited by a task of
// that loop, at once: where they are written, and one time. Nothing happens before. Whether the task is suspended, and
// what a cancel does, is said where the operation is declared.
template <class Operation, class T>
concept awaitable = requires(Operation& one) {
    { one.await_ready() } -> std::same_as<bool>;
    { one.await_resume() } -> std::same_as<T>;
};

}  // namespace weir
