#include "weir/loop/waiting_line.h"

namespace weir {

// Its turn was never used.
void waiting_line::place::leave_called() noexcept {
    called_ = false;
    --line_.called_;
    line_.call();
}

void waiting_line::place::pass_called() noexcept {
    called_ = false;
    --line_.called_;
    if (is_cancelled()) line_.call();
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
