#include "weir/loop/scope.h"

#include <utility>
#include <variant>

namespace weir {

// A child and its place in a list.
struct scope::member final : child {
    std::variant<task<>, task<result<void>>> work;  // refers to the child, and is destroyed first
    member* next = nullptr;
    member* before = nullptr;

    template <class T>
    explicit member(task<T> one) : work(std::move(one)) {}
};

scope::~scope() {
    destroy(std::exchange(first_, nullptr));
    destroy(std::exchange(ended_, nullptr));
}

void scope::destroy(member* list) noexcept {
    while (list != nullptr) delete std::exchange(list, list->next);
}

void scope::spawn(task<> one) { adopt(std::move(one)); }
void scope::spawn(task<result<void>> one) { adopt(std::move(one)); }

template <class T>
void scope::adopt(task<T> one) {
    auto* const added = new member(std::move(one));
    added->next = first_;
    if (first_ != nullptr) first_->before = added;
    first_ = added;
    ++living_;
    one_more();
    if (cancelled_) added->cancel();
    added->begin(std::get<task<T>>(added->work), loop::current(), this);
}

void scope::cancel() noexcept {
    cancelled_ = true;
    for (member* one = first_; one != nullptr; one = one->next) one->cancel();
}

void scope::child_ended(child& one) noexcept {
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
    (one.before != nullptr ? one.before->next : first_) = one.next;
    if (one.next != nullptr) one.next->before = one.before;
    --living_;
    one.next = ended_;
    ended_ = &one;
}

task_promise* scope::next_child() noexcept {
    if (first_ == nullptr) return nullptr;
    if (auto* const plain = std::get_if<task<>>(&first_->work)) return plain->unended();
    return std::get_if<task<result<void>>>(&first_->work)->unended();
}

void scope::child_taken(child& one) noexcept { retire(static_cast<member&>(one)); }

void scope::run() { destroy(std::exchange(ended_, nullptr)); }

result<void> scope::await_resume() {
    if (thrown_) std::rethrow_exception(thrown_);
    if (failure_) return *failure_;
    if (cancelled_) return error(errc::cancelled, "scope");
    return {};
}

}  // namespace weir
