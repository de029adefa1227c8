#include "weir/loop/timer.h"

#include <utility>

namespace weir {

void timer::unset() noexcept {
    if (heap_ != nullptr) heap_->take_out(*this);
}

time_point timer::time_set() const {
    WEIR_CHECK(is_set(), "timer::time_set() of a timer that is not set");
    return (list_ == list::later ? heap_->later_ : heap_->heap_)[place_].due;
}

timer_heap::~timer_heap() {
    for (const entry& each : heap_) each.one->heap_ = nullptr;
}

void timer_heap::put(const entry& one, std::size_t place) noexcept {
    heap_[place] = one;
    one.one->place_ = static_cast<std::uint32_t>(place);
}

void timer_heap::rise(std::size_t place) noexcept {
    const entry one = heap_[place];
    while (place != 0) {
        const std::size_t above = (place - 1) / 2;
        if (!one.is_before(heap_[above])) break;
        put(heap_[above], place);
        place = above;
    }
    put(one, place);
}

void timer_heap::sink(std::size_t place) noexcept {
    const entry one = heap_[place];
    for (;;) {
        std::size_t below = 2 * place + 1;
        if (below >= heap_.size()) break;
        if (below + 1 < heap_.size() && heap_[below + 1].is_before(heap_[below])) ++below;
        if (!heap_[below].is_before(one)) break;
        put(heap_[below], place);
        place = below;
    }
    put(one, place);
}

void timer_heap::set(timer& one, time_point due) {
    // Reserves memory first, so that nothing has changed if that fails. Timers that are set while others expire enter
    // the heap afterwards.
    const std::size_t most = heap_.size() + later_.size() + 1;
    if (heap_.capacity() < most) heap_.reserve(2 * most);
    if (expires_ && later_.capacity() == later_.size()) later_.reserve(2 * later_.size() + 1);
    one.unset();
    const entry made{due, sequence_++, &one};
    if (expires_) {
        later_.push_back(made);
        one.place_ = static_cast<std::uint32_t>(later_.size() - 1);
    } else {
        insert(made);
    }
    one.heap_ = this;
    one.list_ = expires_ ? timer::list::later : timer::list::heap;
}

void timer_heap::insert(const entry& one) {
    heap_.push_back(one);
    rise(heap_.size() - 1);
}

void timer_heap::take_out(timer& one) noexcept {
    const std::size_t place = one.place_;
    if (std::exchange(one.list_, timer::list::heap) == timer::list::later) {
        later_[place] = later_.back();
        later_[place].one->place_ = static_cast<std::uint32_t>(place);
        later_.pop_back();
        one.heap_ = nullptr;
        return;
    }
    const entry last = heap_.back();
    heap_.pop_back();
    one.heap_ = nullptr;
    if (last.one == &one) return;
    put(last, place);
    rise(place);
    sink(last.one->place_);
}

void timer_heap::expire(time_point now) {
    const struct expiring {
        explicit expiring(timer_heap& of) noexcept : heap(of) { heap.expires_ = true; }
        ~expiring() {
            heap.expires_ = false;
            for (const entry& each : heap.later_) {
                each.one->list_ = timer::list::heap;
                heap.insert(each);
            }
            heap.later_.clear();
        }
        timer_heap& heap;
    } while_it_lives(*this);
    while (!heap_.empty() && heap_.front().due <= now) {
        timer& first = *heap_.front().one;
        take_out(first);
        first.expire();
    }
}

}  // namespace weir
