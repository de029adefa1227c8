// The awaiter of offload().
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "weir/base/result.h"
#include "weir/coroutine/internal/event_awaiter.h"
#include "weir/coroutine/internal/only_awaited.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {

template <class Work>
class offload_awaiter final : event_awaiter, public only_awaited {
    using value = std::invoke_result_t<Work&>;
    using kept = std::conditional_t<std::is_void_v<value>, bool, value>;

    // The state that is shared with the helper thread, which writes it before the loop reads it.
    struct state {
        std::optional<kept> given;
        remote::prepared ended;  // prepared, so that the notification of the loop needs no memory
        std::exception_ptr thrown;
        offload_awaiter* waiter = nullptr;  // used on the loop's thread alone
    };

public:
    offload_awaiter(Work work, at_loop_end then) : work_(std::move(work)), then_(then) {}
    ~offload_awaiter() override { take_back(); }

    bool await_ready() const noexcept { return false; }
    template <on_a_loop Promise>
    bool await_suspend(std::coroutine_handle<Promise> frame) {
        state_ = std::make_shared<state>();
        state_->ended = remote::prepare([weak = std::weak_ptr(state_)] {
            const auto mine = weak.lock();
            if (mine != nullptr && mine->waiter != nullptr) mine->waiter->complete();
        });
        if (!park(frame)) return false;
        state_->waiter = this;
        loop& here = loop::current();
        auto begun = here.backend().offload(
            [work = std::optional(std::move(work_)), kept = state_, back = here.from_elsewhere()]() mutable {
                try {
                    if constexpr (std::is_void_v<value>) {
                        (*work)();
                        kept->given = true;
                    } else {
                        kept->given.emplace((*work)());
                    }
                } catch (...) {
                    kept->thrown = std::current_exception();
                }
                work.reset();  // its captures are destroyed before the task resumes
                back.post(std::move(kept->ended));
            },
            then_);
        if (!begun) {
            state_->waiter = nullptr;
            refused_ = begun.error();
            complete();
        }
        return true;
    }
    result<value> await_resume() {
        if (is_cancelled()) return error(errc::cancelled, "offload");
        if (refused_) return *refused_;
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
    at_loop_end then_;
    std::optional<error> refused_;  // the error if the work could not begin
    std::shared_ptr<state> state_;
};

}  // namespace internal
}  // namespace weir
