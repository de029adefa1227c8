// Work that blocks, done on another thread while the loop goes on.
//
//     auto text = co_await weir::offload([] { return read_file("/etc/motd"); });
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "weir/base/result.h"
#include "weir/loop/waiting.h"

namespace [[gnu::visibility("default")]] weir {

template <class Work>
class offloaded final : waiting {
    using value = std::invoke_result_t<Work&>;
    using kept = std::conditional_t<std::is_void_v<value>, bool, value>;

    // Shared with the other thread, which writes it before the loop reads it.
    struct state {
        std::optional<kept> given;
        std::exception_ptr thrown;
        offloaded* waiter = nullptr;  // the loop's thread alone
    };

public:
    explicit offloaded(Work work) : work_(std::move(work)) {}
    ~offloaded() override { take_back(); }

    bool await_ready() const noexcept { return false; }
    template <on_a_loop Promise>
    bool await_suspend(std::coroutine_handle<Promise> frame) {
        if (!park(frame)) return false;
        state_ = std::make_shared<state>();
        state_->waiter = this;
        loop& here = loop::current();
        here.world().offload([work = std::move(work_), kept = state_, back = here.from_elsewhere()]() mutable {
            try {
                if constexpr (std::is_void_v<value>) {
                    work();
                    kept->given = true;
                } else {
                    kept->given.emplace(work());
                }
            } catch (...) {
                kept->thrown = std::current_exception();
            }
            back.post([kept] {
                if (kept->waiter != nullptr) kept->waiter->complete();
            });
        });
        return true;
    }
    result<value> await_resume() {
        if (is_cancelled()) return error(errc::cancelled, "offload");
        if (state_->thrown) std::rethrow_exception(state_->thrown);
        if constexpr (std::is_void_v<value>) {
            return {};
        } else {
            return std::move(*state_->given);
        }
    }

private:
    void abandon() noexcept override { state_->waiter = nullptr; }

    Work work_;
    std::shared_ptr<state> state_;
};

// Runs `work`, copyable and without arguments, on a helper thread, and gives what it gave (an exception is thrown here). A cancel does not stop the
// work, but what it gives is dropped. What it refers to must outlive it, not only the task.
template <class Work>
[[nodiscard]] offloaded<Work> offload(Work work) {
    return offloaded<Work>(std::move(work));
}

}  // namespace weir
