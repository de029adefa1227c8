#include "weir/coroutine/next_signal.h"

#include <memory>
#include <optional>
#include <utility>

#include "weir/base/check.h"
#include "weir/coroutine/internal/event_awaiter.h"
#include "weir/loop/loop.h"

namespace weir {
namespace {

class signal_wait final : private internal::event_awaiter {
public:
    ~signal_wait() override { take_back(); }

    result<void> watch(signal which) {
        auto made = loop::current().backend().watch(which, [this, which] { came(which); });
        if (!made) return made.error();
        watches_.push_back(std::move(*made));
        return {};
    }

    bool await_ready() const noexcept { return came_.has_value(); }
    template <internal::on_a_loop Promise>
    bool await_suspend(std::coroutine_handle<Promise> frame) {
        return park(frame);
    }
    result<signal> await_resume() {
        if (came_) return *came_;
        return error(errc::cancelled, "wait for a signal");
    }

private:
    void came(signal which) {
        if (came_) return;
        came_ = which;
        if (is_parked()) complete();
    }
    void abandon() noexcept override { watches_.clear(); }

    std::vector<std::unique_ptr<signal_watch>> watches_;
    std::optional<signal> came_;
};

}  // namespace

// This overload replaces a default argument: g++ 12 rejects the braces of a default argument in a co_await.
task<result<signal>> next_signal() { return next_signal({signal::interrupt, signal::terminate}); }

task<result<signal>> next_signal(std::vector<signal> which) {
    WEIR_CHECK(!which.empty(), "next_signal() of no signal waits forever");
    signal_wait all;
    for (const signal one : which) {
        if (auto watched = all.watch(one); !watched) co_return watched.error();
    }
    co_return co_await all;
}

}  // namespace weir
