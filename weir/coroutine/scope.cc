#include "weir/coroutine/scope.h"

#include <utility>
#include <variant>

namespace weir {

// A child and its place in a list.
struct scope::member final : internal::child_task, internal::list_item<scope::member> {
    std::variant<task<>, task<result<void>>> work;  // refers to the child, and is destroyed first

    template <class T>
    explicit member(task<T> one) : work(std::move(one)) {}
};

scope::~scope() {
    destroy(living_);
    destroy(ended_);
}

void scope::destroy(internal::intrusive_list<member>& list) noexcept {
    internal::intrusive_list<member> taken;
    taken.append(list);
    while (member* const one = taken.pop()) delete one;
}

void scope::spawn(task<> one) { adopt(std::move(one)); }
void scope::spawn(task<result<void>> one) { adopt(std::move(one)); }

template <class T>
void scope::adopt(task<T> one) {
    auto* const added = new member(std::move(one));
    living_.push_front(*added);
    ++living_count_;
    one_more();
    if (cancelled_) added->cancel();
    added->begin(std::get<task<T>>(added->work), loop::current(), this);
}

void scope::cancel() noexcept {
    cancelled_ = true;
    living_.for_each([](member& one) { one.cancel(); });
}

void scope::child_ended(internal::child_task& one) noexcept {
    auto* const ended = static_cast<member*>(&one);
    retire(*ended);
    if (one.has_thrown()) {
        try {
            std::visit([](auto& work) { static_cast<void>(work.take()); }, ended->work);
        } catch (...) {
            if (!thrown_) thrown_ = std::current_exception();
        }
        cancel();
    } else if (auto* const work = std::get_if<task<result<void>>>(&ended->work)) {
        if (const auto given = work->take(); !given) {
            if (!failure_ && !(cancelled_ && given == errc::cancelled)) failure_ = given.error();
            cancel();
        }
    }
    if (!is_listed()) loop::current().make_ready(*this);
    one_less();
}

void scope::retire(member& one) noexcept {
    living_.remove(one);
    --living_count_;
    ended_.push_front(one);
}

internal::task_promise* scope::next_child() noexcept {
    member* const last = living_.first();
    if (last == nullptr) return nullptr;
    if (auto* const plain = std::get_if<task<>>(&last->work)) return plain->unended();
    return std::get_if<task<result<void>>>(&last->work)->unended();
}

void scope::child_taken(internal::child_task& one) noexcept { retire(static_cast<member&>(one)); }

void scope::run() { destroy(ended_); }

result<void> scope::await_resume() {
    if (thrown_) std::rethrow_exception(thrown_);
    if (failure_) return *failure_;
    if (cancelled_) return error(errc::cancelled, "scope");
    return {};
}

}  // namespace weir
