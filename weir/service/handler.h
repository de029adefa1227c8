// The function that a server calls for each connection, and the arguments that it gets after the channel. An argument
// that is a value is copied for each connection; std::ref(x) passes a reference.
#pragma once

#include <functional>
#include <type_traits>
#include <utility>

#include "weir/coroutine/task.h"
#include "weir/stream/channel.h"

namespace [[gnu::visibility("default")]] weir {

// Called once for each connection.
using handler = std::function<task<>(channel)>;

// `shared(x)` passes x by reference to handlers on several threads. Requires that x is safe for concurrent use and
// outlives the server.
template <class T>
class shared_reference {
public:
    // Use shared() to make one. The object converts implicitly to T&.
    explicit shared_reference(T& one) noexcept : one_(&one) {}
    operator T&() const noexcept { return *one_; }

private:
    T* one_;
};
// Passes `one` by reference to handlers on several threads.
template <class T>
shared_reference<T> shared(T& one) noexcept {
    return shared_reference<T>(one);
}

// With `per_loop(factory)` the factory makes one object for each loop. Handlers get a reference to the object of their
// loop.
template <class Factory>
class per_loop_value {
public:
    using value = std::invoke_result_t<Factory&>;  // the type of the object that the factory makes
    // Use per_loop() to make one. A server calls make() once for each loop, on that loop's thread.
    explicit per_loop_value(Factory factory) : make_(std::move(factory)) {}
    value make() const { return make_(); }

private:
    Factory make_;
};
// Calls `make` once for each loop, and passes the object that it returns to each handler on that loop.
template <class Factory>
per_loop_value<Factory> per_loop(Factory make) {
    return per_loop_value<Factory>(std::move(make));
}

}  // namespace weir
