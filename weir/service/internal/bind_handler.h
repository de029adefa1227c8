// Makes the handler of a server from a function and its further arguments. Not for users.
#pragma once

#include <functional>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

#include "weir/coroutine/task.h"
#include "weir/service/handler.h"
#include "weir/stream/channel.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {

// Holds an argument for one loop, and passes it to each handler.
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

// Returns the handler of one loop: it calls `function` with the channel and the further arguments. `function` is a
// function or a lambda without captures.
template <class Function, class... Arguments>
handler bind_handler(Function function, const Arguments&... arguments) {
    static_assert(std::is_pointer_v<Function> || std::is_empty_v<Function>,
                  "a handler must be a function or a lambda that captures nothing: the captures of a coroutine lambda "
                  "are destroyed before the coroutine ends. Pass them as further arguments");
    static_assert(
        std::is_invocable_r_v<task<>, Function&, channel, decltype(std::declval<kept_argument<Arguments>&>()())...>,
        "a handler must take a weir::channel and the further arguments, and return a weir::task<>; pass an argument "
        "that it takes by reference as std::ref(x), weir::shared(x) or weir::per_loop(factory)");
    return [function, kept = std::make_tuple(kept_argument<Arguments>(arguments)...)](channel client) mutable {
        return std::apply([&](auto&... one) { return function(std::move(client), one()...); }, kept);
    };
}

// True when an argument belongs to one thread: std::ref(x) or a pointer.
template <class... Arguments>
inline constexpr bool binds_to_one_thread = (kept_argument<Arguments>::is_for_one_thread || ...);

}  // namespace internal
}  // namespace weir
