#include "weir/loop/internal/byte_budget.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "weir/loop/internal/memory_allowed.h"

namespace weir::internal {

std::size_t byte_budget::default_limit_bytes() noexcept {
    static const std::size_t bytes = std::min(std::size_t{256} << 20, memory_allowed() / 4);
    return bytes;
}

void byte_budget::limit(std::optional<std::size_t> most) noexcept {
    limit_ = most.value_or(std::numeric_limits<std::size_t>::max());
    resume_some();
}

void byte_budget::change(holder& one, std::size_t held, std::size_t promised) noexcept {
    const std::size_t before = one.claim();
    held_ += held - one.held_;
    peak_ = std::max(peak_, held_);
    one.held_ = held;
    one.promised_ = promised;
    const std::size_t now = one.claim();
    claimed_ += now - before;
    if ((now > always_bytes) != one.is_large()) list_large(one, now > always_bytes);
    if (now < before && waiting_count_ != 0) resume_some();
}

void byte_budget::list_large(holder& one, bool is_large) noexcept {
    if (waits_large(one)) --large_waiting_;
    if (is_large) {
        large_.push_front(one);
        ++large_count_;
    } else {
        large_.remove(one);
        --large_count_;
    }
    if (waits_large(one)) ++large_waiting_;
}

// At least one large holder may always continue.
bool byte_budget::fits(const holder& one, std::size_t bytes) noexcept {
    const auto others = [&] { return used_bytes() - one.claim(); };
    if (bytes <= limit_ && others() <= limit_ - bytes) return true;
    if (cached_ != 0 && cache_ != nullptr) cache_->drop();
    if (bytes <= limit_ && others() <= limit_ - bytes) return true;
    const std::size_t not_waiting = large_count_ - large_waiting_;
    return not_waiting == (one.is_large() && !waits_large(one) ? 1 : 0);
}

void byte_budget::change_wait(holder& one, wait how) noexcept {
    if (waits_large(one)) --large_waiting_;
    one.wait_ = how;
    if (waits_large(one)) ++large_waiting_;
    if (one.is_listed()) resume_some();
}

// Promises are made in the order of the requests, so that small requests do not delay a large one forever.
bool byte_budget::promise(holder& one, std::size_t bytes) noexcept {
    if (limit_ == std::numeric_limits<std::size_t>::max()) return true;
    if (one.is_listed()) {
        one.wanted_ = std::max(one.wanted_, bytes);
        return false;
    }
    if ((waiting_count_ == 0 || bytes <= one.claim()) && fits(one, bytes)) {
        change(one, one.held_, bytes);
        return true;
    }
    one.wanted_ = bytes;
    if (waiting_count_ == 0) has_resumed_ = true;  // the time `patience` begins now
    waiting_.push(one);
    ++waiting_count_;
    if (waits_large(one)) ++large_waiting_;
    resume_some();  // one holder continues if all other large ones wait
    return !one.is_listed();
}

void byte_budget::leave_line(holder& one) noexcept {
    if (waits_large(one)) --large_waiting_;
    one.unlist();
    --waiting_count_;
}

void byte_budget::unpromise(holder& one) noexcept {
    const bool waited = one.is_listed();
    if (waited) leave_line(one);
    change(one, one.held_, 0);
    if (waited) resume_some();  // the holder may have been the first in line
}

void byte_budget::grant(holder& first) noexcept {
    leave_line(first);
    change(first, first.held_, first.wanted_);
    has_resumed_ = true;
    first.resume();
}

void byte_budget::resume_some() noexcept {
    while (waiting_count_ != 0) {
        auto& first = static_cast<holder&>(*waiting_.first());
        if (!fits(first, first.wanted_)) return;
        grant(first);
    }
}

// Examines each holder once, and then closes those with the largest claims first.
void byte_budget::evict_stalled(time_point now) noexcept {
    std::array<holder*, most_evicted> largest;
    std::size_t count = 0;
    large_.for_each([&](holder& one) {
        const auto moved = one.peer_moved();
        if (!moved || now - *moved < patience) return;
        if (count == largest.size() && one.claim() <= largest.back()->claim()) return;
        if (count != largest.size()) ++count;
        std::size_t place = count - 1;
        for (; place != 0 && largest[place - 1]->claim() < one.claim(); --place) largest[place] = largest[place - 1];
        largest[place] = &one;
    });
    for (std::size_t i = 0; i < count && waiting_count_ != 0; ++i) {
        ++evicted_;
        largest[i]->evict();
    }
}

void byte_budget::check(time_point now) noexcept {
    resume_some();
    evict_stalled(now);
    if (std::exchange(has_resumed_, false) || waiting_count_ == 0) {
        resumed_at_ = now;
    } else if (now - resumed_at_ >= patience) {
        grant(static_cast<holder&>(*waiting_.first()));
        resumed_at_ = now;
    }
}

}  // namespace weir::internal
