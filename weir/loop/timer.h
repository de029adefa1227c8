// The timers of a loop. The earliest one expires first; timers that are due at the same time expire in the order in
// which they were set. They form a heap: setting or unsetting a timer takes logarithmic time, and allocates nothing
// once the heap has grown.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "weir/base/check.h"
#include "weir/base/time.h"

namespace [[gnu::visibility("default")]] weir {

class timer_heap;

// A timer of a loop; a derived class implements expire(). The destructor unsets the timer. Thread safety: its loop's
// thread alone.
class timer {
public:
    timer() = default;
    timer(const timer&) = delete;
    timer& operator=(const timer&) = delete;
    virtual ~timer() { unset(); }

    // Called when the timer is due; it is then no longer set.
    virtual void expire() = 0;

    // Returns whether the timer is set, so that expire() will be called.
    bool is_set() const noexcept { return heap_ != nullptr; }
    // Returns the time when the timer is due. Requires is_set().
    time_point time_set() const;
    // Withdraws the timer: expire() will not be called. This has no effect if the timer is not set.
    void unset() noexcept;

private:
    friend class timer_heap;

    // Whether the timer is in the heap, or among the timers that were set while others expired.
    enum class list : std::uint8_t { heap, later };

    timer_heap* heap_ = nullptr;
    std::uint32_t place_ = 0;  // its index in the list
    list list_ = list::heap;
};

// The timers of a loop, earliest first; loop::timers() returns it. A timer that is set while another one expires does
// not expire in the same call. Thread safety: its loop's thread alone.
class timer_heap {
public:
    timer_heap() = default;
    timer_heap(const timer_heap&) = delete;
    timer_heap& operator=(const timer_heap&) = delete;
    ~timer_heap();

    // Sets the timer, or moves it to another time. If it throws std::bad_alloc, the timer is unchanged. The timer must
    // exist until it expires or is unset; its destructor unsets it.
    void set(timer& one, time_point due);
    // Returns the time when the first timer is due; deadline::never() when there is none.
    deadline next() const noexcept { return heap_.empty() ? deadline() : deadline(heap_.front().due); }
    // Expires the timers that were set before this call and are due. Timers that are set meanwhile wait for the next
    // call.
    void expire(time_point now);
    // Returns the number of timers that are set.
    std::size_t size() const noexcept { return heap_.size() + later_.size(); }

private:
    friend class timer;

    struct entry {
        bool is_before(const entry& other) const noexcept {
            return due != other.due ? due < other.due : sequence < other.sequence;
        }
        time_point due;
        std::uint64_t sequence;
        timer* one;
    };

    void insert(const entry& one);
    void take_out(timer& one) noexcept;
    void put(const entry& one, std::size_t place) noexcept;
    void rise(std::size_t place) noexcept;
    void sink(std::size_t place) noexcept;

    std::vector<entry> heap_;
    std::vector<entry> later_;  // set while others expire
    bool expires_ = false;
    std::uint64_t sequence_ = 0;
};

}  // namespace weir
