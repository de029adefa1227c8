// The awaiters of when_all() and when_any(), which wait for several tasks.
#pragma once

#include <array>
#include <optional>
#include <tuple>
#include <utility>
#include <variant>

#include "weir/coroutine/internal/children_awaiter.h"
#include "weir/coroutine/internal/only_awaited.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {

template <class T>
using value_or_monostate = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

template <class T>
value_or_monostate<T> take_value(task<T>& ended) {
    if constexpr (std::is_void_v<T>) {
        ended.take();
        return {};
    } else {
        return ended.take();
    }
}

// The base of the awaiters of when_all() and when_any().
template <class... T>
class when_awaiter : public children_awaiter, public only_awaited {
public:
    explicit when_awaiter(task<T>... tasks) : tasks_(std::move(tasks)...) {}

protected:
    ~when_awaiter() = default;

    static constexpr std::size_t number = sizeof...(T);

    // Returns whether the end of this task makes the other tasks unnecessary.
    virtual bool decides(const child_task& one) const noexcept = 0;

    // Returns the place of the first child for which decides() was true; `number` when there was none.
    std::size_t decided() const noexcept { return decided_; }

    // Calls visit(std::in_place_index<place>, task) for the task at this place.
    template <class Visit>
    void at(std::size_t place, Visit visit) {
        [&]<std::size_t... each>(std::index_sequence<each...>) {
            static_cast<void>(
                ((each == place && (visit(std::in_place_index<each>, std::get<each>(tasks_)), true)) || ...));
        }(std::index_sequence_for<T...>());
    }

    std::tuple<task<T>...>& tasks() noexcept { return tasks_; }

private:
    void begin_children(loop& here) final {
        for (std::size_t i = 0; i < number; ++i) one_more();
        [&]<std::size_t... each>(std::index_sequence<each...>) {
            (children_[each].begin(std::get<each>(tasks_), here, this), ...);
        }(std::index_sequence_for<T...>());
    }
    void cancel_children() noexcept final {
        for (auto& one : children_) one.cancel();
    }
    task_promise* next_child() noexcept final {
        return std::apply(
            [](auto&... each) {
                task_promise* first = nullptr;
                static_cast<void>((((first = each.unended()) != nullptr) || ...));
                return first;
            },
            tasks_);
    }
    void child_ended(child_task& one) noexcept final {
        if (decided_ == number && decides(one)) {
            for (std::size_t i = 0; i < number; ++i) {
                if (&children_[i] == &one) decided_ = i;
                if (!children_[i].has_ended()) children_[i].cancel();
            }
        }
        one_less();
    }

    std::array<child_task, number> children_;  // the tasks refer to them, and are destroyed first
    std::tuple<task<T>...> tasks_;
    std::size_t decided_ = number;
};

template <class... T>
class when_all_awaiter final : public when_awaiter<T...> {
public:
    using when_awaiter<T...>::when_awaiter;

    std::tuple<value_or_monostate<T>...> await_resume() {
        // Throws the first exception.
        this->at(this->decided(), [](auto, auto& thrower) { static_cast<void>(take_value(thrower)); });
        return std::apply([](auto&... one) { return std::tuple<value_or_monostate<T>...>{take_value(one)...}; },
                          this->tasks());
    }

private:
    bool decides(const child_task& one) const noexcept override { return one.has_thrown(); }
};

template <class... T>
class when_any_awaiter final : public when_awaiter<T...> {
public:
    using when_awaiter<T...>::when_awaiter;
    using value = std::variant<value_or_monostate<T>...>;

    value await_resume() {
        std::optional<value> first;
        this->at(this->decided(), [&](auto place, auto& winner) { first.emplace(place, take_value(winner)); });
        return std::move(*first);
    }

private:
    bool decides(const child_task&) const noexcept override { return true; }
};

}  // namespace internal
}  // namespace weir
