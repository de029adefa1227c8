// The awaiter that connects to one of several addresses, RFC 8305. Private.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/coroutine/internal/event_awaiter.h"
#include "weir/loop/backend.h"
#include "weir/loop/internal/delivery_timer.h"
#include "weir/loop/loop.h"
#include "weir/loop/timer.h"

namespace weir::internal {

// Thread safety: its loop's thread alone.
class connect_awaiter final : event_awaiter, delivery_timer {
public:
    connect_awaiter(std::string text, std::vector<address> peers, deadline until);
    ~connect_awaiter() override;

    bool await_ready() const noexcept { return false; }
    template <on_a_loop Promise>
    bool await_suspend(std::coroutine_handle<Promise> frame) {
        if (!park(frame)) return false;
        begin();
        return true;
    }
    result<owned_stream> await_resume();

private:
    // An attempt to connect to one address.
    struct contender final : connect_attempt::user {
        contender(connect_awaiter& of, const address& to) : race(of), peer(to) {}
        void on_connected(outcome how, owned_stream made) noexcept override { race.ended(*this, how, std::move(made)); }

        connect_awaiter& race;
        const address& peer;
        std::unique_ptr<connect_attempt> in_progress;
        bool has_ended = false;
    };

    // The timer that begins the attempt to the next address.
    struct next_attempt final : weir::timer {
        explicit next_attempt(connect_awaiter& of) noexcept : race(of) {}
        void expire() override;

        connect_awaiter& race;
    };

    void overdue() override;
    void abandon() noexcept override;
    void begin() noexcept;
    void begin_next() noexcept;
    void complete_if_over() noexcept;
    void ended(contender& one, outcome how, owned_stream made) noexcept;
    void fail(error why);
    bool is_over() const noexcept { return winner_ != nullptr || lacks_memory_ || failures_.size() == peers_.size(); }

    loop& here_;
    std::string text_;
    std::vector<address> peers_;
    const deadline until_;
    std::vector<std::unique_ptr<contender>> begun_;
    next_attempt next_attempt_{*this};
    time_point next_start_{};
    owned_stream winner_;
    std::vector<error> failures_;
    bool has_completed_ = false;
    bool lacks_memory_ = false;
};

}  // namespace weir::internal
