#include "weir/loop/waiting_line.h"

#include <utility>

namespace weir {

waiting_line::place::~place() {
    take_back();
    if (std::exchange(called_, false)) {
        --line_.called_;
        line_.call();
    }
}

bool waiting_line::place::use_turn() noexcept {
    if (std::exchange(called_, false)) {
        --line_.called_;
        if (is_cancelled()) line_.call();
    }
    return !is_cancelled();
}

void waiting_line::add(place& one) noexcept {
    one.before_ = last_;
    (last_ != nullptr ? last_->next_ : first_) = &one;
    last_ = &one;
}

void waiting_line::remove(place& one) noexcept {
    (one.before_ != nullptr ? one.before_->next_ : first_) = one.next_;
    (one.next_ != nullptr ? one.next_->before_ : last_) = one.before_;
    one.next_ = one.before_ = nullptr;
}

void waiting_line::call() noexcept {
    if (first_ == nullptr) return;
    place& one = *first_;
    remove(one);
    one.called_ = true;
    ++called_;
    one.complete();
}

}  // namespace weir
