// The future events of a simulation, sorted by time. Events with the same time keep the order in which they were added.
// Private.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "weir/base/check.h"
#include "weir/base/time.h"

namespace weir::sim::internal {

class event_queue {
public:
    void add(time_point when, std::function<void()> what) {
        events_.push_back({when, added_++, std::move(what)});
        std::push_heap(events_.begin(), events_.end(), later_than);
    }

    bool empty() const noexcept { return events_.empty(); }
    time_point next() const noexcept { return events_.front().when; }
    std::function<void()> take() {
        WEIR_CHECK(!empty(), "take() of an empty event queue");
        std::pop_heap(events_.begin(), events_.end(), later_than);
        auto what = std::move(events_.back().what);
        events_.pop_back();
        return what;
    }

private:
    struct event {
        time_point when;
        std::uint64_t sequence;
        std::function<void()> what;
    };
    static bool later_than(const event& one, const event& other) noexcept {
        return one.when != other.when ? one.when > other.when : one.sequence > other.sequence;
    }

    std::vector<event> events_;  // a heap, with the next event first
    std::uint64_t added_ = 0;
};

}  // namespace weir::sim::internal
