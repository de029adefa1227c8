// What a server calls for each connection, with the arguments that it is given besides: values are copied for each
// connection, std::ref(x) is a reference.
#pragma once

#include <functional>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

#include "weir/loop/task.h"
#include "weir/stream/channel.h"

namespace [[gnu::visibility("default")]] weir {

// Made for each connection; called once.
using handler = std::function<task<>(channel)>;

// `shared(x)` says by a word that loops on several threads use x at the same time; x must be made for that, and outlive
// the server.
template <class T>
class shared_reference {
public:
    explicit shared_reference(T& one) noexcept : one_(&one) {}
    operator T&() const noexcept { return *one_; }

private:
    T* one_;
};
template <class T>
shared_reference<T> shared(T& one) noexcept {
    return shared_reference<T>(one);
}

// `per_loop(factory)`: each loop makes one object of its own; handlers get a reference to that of their loop.
template <class Factory>
class per_loop_value {
public:
    using value = std::invoke_result_t<Factory&>;
    explicit per_loop_value(Factory factory) : make_(std::move(factory)) {}
    value make() const { return make_(); }

private:
    Factory make_;
};
template <class Factory>
per_loop_value<Factory> per_loop(Factory make) {
    return per_loop_value<Factory>(std::move(make));
}

// How an argument is kept for one loop, and handed on.
template <class T>
class kept_argument {
public:
    static constexpr bool is_for_one_thread = std::is_pointer_v<T>;
    explicit kept_argument(const T& given) : value_(given) {}
    T operator()() const { return value_; }

private:
    T value_;
};
template <class T>
class kept_argument<std::reference_wrapper<T>> {
public:
    static constexpr bool is_for_one_thread = true;
    explicit kept_argument(std::reference_wrapper<T> given) : value_(given) {}
    T& operator()() const { return value_; }

private:
    std::reference_wrapper<T> value_;
};
template <class T>
class kept_argument<shared_reference<T>> {
public:
    static constexpr bool is_for_one_thread = false;
    explicit kept_argument(shared_reference<T> given) : value_(given) {}
    T& operator()() const { return value_; }

private:
    shared_reference<T> value_;
};
template <class Factory>
class kept_argument<per_loop_value<Factory>> {
public:
    static constexpr bool is_for_one_thread = false;
    explicit kept_argument(const per_loop_value<Factory>& given)
        : value_(std::make_shared<typename per_loop_value<Factory>::value>(given.make())) {}
    auto& operator()() const { return *value_; }

private:
    std::shared_ptr<typename per_loop_value<Factory>::value> value_;
};

// What makes the handlers of one loop. A handler is a function, or a lambda that captures nothing.
template <class Function, class... Arguments>
handler bind_handler(Function function, const Arguments&... arguments) {
    static_assert(std::is_pointer_v<Function> || std::is_empty_v<Function>,
                  "a handler is a function or a lambda that captures nothing: what a coroutine lambda captures is gone "
                  "before the coroutine "
                  "ends. Pass it as a further argument");
    static_assert(
        std::is_invocable_r_v<task<>, Function&, channel, decltype(std::declval<kept_argument<Arguments>&>()())...>,
        "a handler takes a weir::channel and the further arguments, and gives a weir::task<>; an argument that it "
        "takes by "
        "reference is passed as std::ref(x), weir::shared(x) or weir::per_loop(factory)");
    return [function, kept = std::make_tuple(kept_argument<Arguments>(arguments)...)](channel client) mutable {
        return std::apply([&](auto&... one) { return function(std::move(client), one()...); }, kept);
    };
}

// Whether an argument belongs to one thread: a plain reference or pointer.
template <class... Arguments>
inline constexpr bool binds_to_one_thread = (kept_argument<Arguments>::is_for_one_thread || ...);

}  // namespace weir
