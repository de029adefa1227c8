#include "weir/loop/timer.h"

namespace weir {

void timer::unset() noexcept {
    if (heap_ != nullptr) heap_->take_out(*this);
}

timer_heap::~timer_heap() {
    for (auto* const one : heap_) one->heap_ = nullptr;
}

void timer_heap::put(timer& one, std::size_t place) noexcept {
    heap_[place] = &one;
    one.place_ = place;
}

void timer_heap::rise(std::size_t place) noexcept {
    timer& one = *heap_[place];
    while (place != 0) {
        const std::size_t above = (place - 1) / 2;
        if (!one.is_before(*heap_[above])) break;
        put(*heap_[above], place);
        place = above;
    }
    put(one, place);
}

void timer_heap::sink(std::size_t place) noexcept {
    timer& one = *heap_[place];
    for (;;) {
        std::size_t below = 2 * place + 1;
        if (below >= heap_.size()) break;
        if (below + 1 < heap_.size() && heap_[below + 1]->is_before(*heap_[below])) ++below;
        if (!heap_[below]->is_before(one)) break;
        put(*heap_[below], place);
        place = below;
    }
    put(one, place);
}

void timer_heap::set(timer& one, time_point due) {
    one.unset();
    heap_.push_back(&one);
    one.heap_ = this;
    one.due_ = due;
    one.sequence_ = sequence_++;
    rise(heap_.size() - 1);
}

void timer_heap::take_out(timer& one) noexcept {
    const std::size_t place = one.place_;
    timer* const last = heap_.back();
    heap_.pop_back();
    one.heap_ = nullptr;
    if (last == &one) return;
    put(*last, place);
    rise(place);
    sink(last->place_);
}

void timer_heap::expire(time_point now) {
    const std::uint64_t set_before = sequence_;
    while (!heap_.empty() && heap_.front()->due_ <= now && heap_.front()->sequence_ < set_before) {
        timer& first = *heap_.front();
        take_out(first);
        first.expire();
    }
}

}  // namespace weir
