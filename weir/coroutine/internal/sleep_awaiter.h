// The awaiter of sleep().
#pragma once

#include "weir/base/result.h"
#include "weir/coroutine/internal/event_awaiter.h"
#include "weir/coroutine/internal/only_awaited.h"
#include "weir/loop/timer.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {

class sleep_awaiter final : event_awaiter, public only_awaited, timer {
public:
    explicit sleep_awaiter(time_point due) noexcept : due_(due) {}
    ~sleep_awaiter() override { take_back(); }

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

}  // namespace internal
}  // namespace weir
