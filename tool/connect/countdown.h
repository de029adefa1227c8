// Calls a function on the loop after a given time, unless the countdown is destroyed before then.
#pragma once

#include <functional>
#include <utility>

#include <weir/base/time.h>
#include <weir/loop/loop.h>
#include <weir/loop/timer.h>

namespace weir_tool {

// Thread safety: its loop's thread alone.
class countdown final : weir::timer {
public:
    explicit countdown(std::function<void()> at_zero) : at_zero_(std::move(at_zero)) {}

    // May be called several times: the earliest end applies. An end beyond the range of the clock is ignored.
    void start(weir::duration left) {
        weir::loop& here = weir::loop::current();
        if (left > weir::time_point::max() - here.now()) return;
        const weir::time_point due = here.now() + left;
        if (is_set() && zero_ <= due) return;
        zero_ = due;
        here.timers().set(*this, zero_);
    }

private:
    void expire() override { at_zero_(); }

    std::function<void()> at_zero_;
    weir::time_point zero_;
};

}  // namespace weir_tool
