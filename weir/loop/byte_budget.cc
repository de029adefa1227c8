#include "weir/loop/byte_budget.h"

#include <limits>

namespace weir {

void byte_budget::limit(std::optional<std::size_t> most) noexcept {
    limit_ = most.value_or(std::numeric_limits<std::size_t>::max());
    resume_some();
}

void byte_budget::change(holder& one, std::size_t torn, std::size_t other) noexcept {
    held_ += torn + other - one.torn_ - one.other_;
    if (one.torn_ == 0 && torn != 0) ++torn_count_;
    if (one.torn_ != 0 && torn == 0) --torn_count_;
    one.torn_ = torn;
    one.other_ = other;
    if (paused_count_ == 0) return;
    if (torn == 0 && one.is_listed()) {
        one.unlist();
        --paused_count_;
    }
    resume_some();
}

// One of those that wait for the rest of a message goes on in any case, or nothing would ever be given back.
bool byte_budget::pauses(holder& one) noexcept {
    if (one.is_listed()) return true;
    if (one.torn_ == 0 || one.torn_ <= limit_ / shares / torn_count_) return false;
    if (torn_count_ - paused_count_ <= 1) return false;
    paused_.push(one);
    ++paused_count_;
    return true;
}

// All when there is room, in the order in which they were paused; or one when nobody else would go on.
void byte_budget::resume_some() noexcept {
    while (paused_count_ != 0 && (held_ <= limit_ || torn_count_ == paused_count_)) {
        --paused_count_;
        paused_.pop()->run();
    }
}

}  // namespace weir
