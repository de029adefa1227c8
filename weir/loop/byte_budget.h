// How many bytes the connections of a loop hold for messages: what was lent to them, torn messages, what their peers do not take. Each is bounded
// by limits of its own; thousands together would not be. Over the budget, who holds much stops receiving, so that who holds little goes on.
#pragma once

#include <cstddef>
#include <optional>

#include "weir/loop/ready_list.h"

namespace [[gnu::visibility("default")]] weir {

// Thread safety: its loop's thread alone.
class byte_budget {
public:
    static constexpr std::size_t default_limit_bytes = std::size_t{256} << 20;
    // Over the budget, so much of an equal share of it may be held by who goes on. A read may take four times as much as the one before, so
    // that all together stay below twice the budget.
    static constexpr std::size_t shares = 8;

    // One that holds bytes.
    class holder : private ready_item {
    public:
        explicit holder(byte_budget& of) noexcept : of_(of) {}
        ~holder() override { hold(0, 0); }

        // So many from now on: of a message that is not whole and is waited for, and of all else, which only time gives back.
        void hold(std::size_t torn, std::size_t other) noexcept {
            if (torn != torn_ || other != other_) of_.change(*this, torn, other);
        }
        // False: not now; resume() is called when it may.
        bool may_receive() noexcept { return of_.held_ <= of_.limit_ || !of_.pauses(*this); }
        bool is_paused() const noexcept { return is_listed(); }
        bool is_torn() const noexcept { return torn_ != 0; }

    private:
        friend class byte_budget;
        virtual void resume() noexcept = 0;
        void run() override { resume(); }

        byte_budget& of_;
        std::size_t torn_ = 0;
        std::size_t other_ = 0;
    };

    // None: no limit. At once.
    void limit(std::optional<std::size_t> most) noexcept;

    std::size_t limit_bytes() const noexcept { return limit_; }
    std::size_t held_bytes() const noexcept { return held_; }
    std::size_t paused() const noexcept { return paused_count_; }

private:
    void change(holder& one, std::size_t torn, std::size_t other) noexcept;
    bool pauses(holder& one) noexcept;
    void resume_some() noexcept;

    std::size_t limit_ = default_limit_bytes;
    std::size_t held_ = 0;
    std::size_t torn_count_ = 0;  // holders of a torn message
    std::size_t paused_count_ = 0;
    ready_list paused_;
};

}  // namespace weir
