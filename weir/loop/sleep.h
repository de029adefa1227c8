// Waiting for a time.
#pragma once

#include "weir/base/result.h"
#include "weir/loop/timer.h"
#include "weir/loop/waiting.h"

namespace [[gnu::visibility("default")]] weir {

class sleeping final : waiting, timer {
public:
    explicit sleeping(time_point due) noexcept : due_(due) {}
    ~sleeping() override { take_back(); }

    bool await_ready() const noexcept { return false; }
    template <on_a_loop Promise>
    bool await_suspend(std::coroutine_handle<Promise> frame) {
        if (!park(frame)) return false;
        loop::current().timers().set(*this, due_);
        return true;
    }
    ignorable_result await_resume() const {
        if (is_cancelled()) return error(errc::cancelled, "sleep");
        return {};
    }

private:
    void expire() override { complete(); }
    void abandon() noexcept override { unset(); }

    time_point due_;
};

// Gives errc::cancelled when it was cancelled before. A time that has passed lets everything else that is ready run
// first.
[[nodiscard]] inline sleeping sleep_until(time_point due) { return sleeping(due); }
[[nodiscard]] inline sleeping sleep(duration time) {
    const time_point now = loop::current().now();
    return sleeping(later(now, time));
}

}  // namespace weir
