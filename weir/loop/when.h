// Several tasks at once, as one thing to await.
//
//     auto [a, b] = co_await when_all(one(), other());          both; std::monostate for a task<void>
//     auto first = co_await when_any(one(), other());           a variant; first.index() says which
//     auto late = co_await with_deadline(one(), at);            a result; errc::timed_out when it was not done by then
//
// All of them have ended when the awaiter goes on: a task that is no longer wanted is cancelled, and waited for. A
// cancel from outside reaches all of them. An exception cancels the others and is thrown when they have ended; what a
// cancelled one gives or throws besides is dropped.
#pragma once

#include <array>
#include <exception>
#include <optional>
#include <tuple>
#include <utility>
#include <variant>

#include "weir/base/result.h"
#include "weir/loop/loop.h"
#include "weir/loop/timer.h"
#include "weir/loop/together.h"

namespace [[gnu::visibility("default")]] weir {

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

// What both are made of. Private to this file.
template <class... T>
class several : public waiting_for_children {
public:
    explicit several(task<T>... tasks) : tasks_(std::move(tasks)...) {}

protected:
    ~several() = default;

    static constexpr std::size_t number = sizeof...(T);

    // Whether the end of this child makes the others superfluous.
    virtual bool decides(const child& one) const noexcept = 0;

    // The place of the first child that did so; `number` when none did.
    std::size_t decided() const noexcept { return decided_; }

    // Calls visit<I>(task) for the task at this place.
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
    void child_ended(child& one) noexcept final {
        if (decided_ == number && decides(one)) {
            for (std::size_t i = 0; i < number; ++i) {
                if (&children_[i] == &one) decided_ = i;
                if (!children_[i].has_ended()) children_[i].cancel();
            }
        }
        one_less();
    }

    std::array<child, number> children_;  // the tasks refer to them, and are destroyed first
    std::tuple<task<T>...> tasks_;
    std::size_t decided_ = number;
};

template <class... T>
class all_of_them final : public several<T...> {
public:
    using several<T...>::several;

    std::tuple<value_or_monostate<T>...> await_resume() {
        // What was thrown first is thrown.
        this->at(this->decided(), [](auto, auto& thrower) { static_cast<void>(take_value(thrower)); });
        return std::apply([](auto&... one) { return std::tuple<value_or_monostate<T>...>{take_value(one)...}; },
                          this->tasks());
    }

private:
    bool decides(const child& one) const noexcept override { return one.has_thrown(); }
};

template <class... T>
class first_of_them final : public several<T...> {
public:
    using several<T...>::several;
    using value = std::variant<value_or_monostate<T>...>;

    value await_resume() {
        std::optional<value> first;
        this->at(this->decided(), [&](auto place, auto& winner) { first.emplace(place, take_value(winner)); });
        return std::move(*first);
    }

private:
    bool decides(const child&) const noexcept override { return true; }
};

template <class... T>
    requires(sizeof...(T) > 0)
[[nodiscard]] all_of_them<T...> when_all(task<T>... tasks) {
    return all_of_them<T...>(std::move(tasks)...);
}

template <class... T>
    requires(sizeof...(T) > 0)
[[nodiscard]] first_of_them<T...> when_any(task<T>... tasks) {
    return first_of_them<T...>(std::move(tasks)...);
}

// What with_deadline() gives: a result in any case.
template <class T>
struct as_result {
    using type = result<T>;
};
template <class T>
struct as_result<result<T>> {
    using type = result<T>;
};

template <class T>
class limited final : public waiting_for_children, private timer {
public:
    limited(task<T> one, deadline until) : task_(std::move(one)), until_(until) {}
    ~limited() override = default;

    typename as_result<T>::type await_resume() {
        const bool late = late_;
        if constexpr (std::is_void_v<T>) {
            task_.take();
            if (late) return error(errc::timed_out);
            return {};
        } else {
            typename as_result<T>::type given = task_.take();
            if (late && (!std::is_same_v<T, typename as_result<T>::type> || given == errc::cancelled))
                return error(errc::timed_out);
            return given;
        }
    }

private:
    void begin_children(loop& here) override {
        one_more();
        child_.begin(task_, here, this);
        if (!until_.is_never()) here.timers().set(*this, until_.at());
        is_told_ = until_.passed(here.now());
    }
    void cancel_children() noexcept override { child_.cancel(); }
    task_promise* next_child() noexcept override { return task_.unended(); }
    void child_ended(child&) noexcept override {
        unset();
        one_less();
    }
    void expire() override {
        loop& here = loop::current();
        // It may be done: when all that came in time has been told, and in the turn after that, whoever was told has
        // run.
        const bool has_run = is_told_;
        is_told_ = here.told_until() >= until_.at();
        if (!has_run) return here.timers().set(*this, until_.at());
        late_ = !child_.is_cancelled();
        child_.cancel();
    }

    child child_;
    task<T> task_;
    deadline until_;
    bool is_told_ = false;
    bool late_ = false;
};

// Cancels the task when the deadline passes. A task<result<T>> that was done all the same gives what it gave; one that
// gives errc::cancelled, and any other one, gives errc::timed_out.
template <class T>
[[nodiscard]] limited<T> with_deadline(task<T> one, deadline until) {
    return limited<T>(std::move(one), until);
}

}  // namespace weir
