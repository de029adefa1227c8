#include "countdown.h"

#include <algorithm>

#include <weir/socket/clock.h>

namespace weir_tool {

countdown::countdown(std::function<void()> at_zero)
    : at_zero_(std::move(at_zero)), thread_([this] { wait_for_zero(); }) {}

countdown::~countdown() {
    {
        const std::lock_guard hold(guard_);
        gone_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void countdown::start(weir::duration left) {
    {
        const std::lock_guard hold(guard_);
        zero_ = std::min(zero_, weir::within(left));
    }
    changed_.notify_all();
}

void countdown::wait_for_zero() {
    std::unique_lock hold(guard_);
    while (!gone_ && !zero_.passed(weir::now())) {
        if (zero_.is_never()) {
            changed_.wait(hold);
        } else {
            changed_.wait_until(hold, zero_.at());
        }
    }
    if (gone_) return;
    hold.unlock();
    at_zero_();
}

}  // namespace weir_tool
