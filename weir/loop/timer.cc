#include "weir/loop/timer.h"

#include <utility>

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
    one.heap_ = this;
    one.due_ = due;
    one.sequence_ = sequence_++;
    one.is_later_ = expires_;
    if (!expires_) return insert(one);
    one.place_ = later_.size();
    later_.push_back(&one);
}

void timer_heap::insert(timer& one) {
    heap_.push_back(&one);
    rise(heap_.size() - 1);
}

void timer_heap::take_out(timer& one) noexcept {
    const std::size_t place = one.place_;
    if (std::exchange(one.is_later_, false)) {
        later_[place] = later_.back();
        later_[place]->place_ = place;
        later_.pop_back();
        one.heap_ = nullptr;
        return;
    }
    timer* const last = heap_.back();
    heap_.pop_back();
    one.heap_ = nullptr;
    if (last == &one) return;
    put(*last, place);
    rise(place);
    sink(last->place_);
}

void timer_heap::expire(time_point now) {
    const struct expiring {
        explicit expiring(timer_heap& of) noexcept : heap(of) { heap.expires_ = true; }
        ~expiring() {
            heap.expires_ = false;
            for (timer* const one : heap.later_) {
                one->is_later_ = false;
                heap.insert(*one);
            }
            heap.later_.clear();
        }
        timer_heap& heap;
    } while_it_lives(*this);
    while (!heap_.empty() && heap_.front()->due_ <= now) {
        timer& first = *heap_.front();
        take_out(first);
        first.expire();
    }
}

}  // namespace weir
