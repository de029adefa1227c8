// Who waits for a turn, the longest first: what queues are made of. Whoever is called is resumed by the loop a little
// later; if it was cancelled in between, its turn goes to the next.
#pragma once

#include <cstddef>

#include "weir/loop/waiting.h"

namespace [[gnu::visibility("default")]] weir {

// Thread safety: its loop's thread alone.
class waiting_line {
public:
    // An awaiter that may stand in a line.
    class place : protected waiting {
    public:
        ~place() override {
            take_back();
            if (called_) leave_called();
        }

    protected:
        explicit place(waiting_line& line) noexcept : line_(line) {}

        template <on_a_loop Promise>
        bool line_up(std::coroutine_handle<Promise> frame) {
            if (!park(frame)) return false;
            line_.add(*this);
            return true;
        }
        // In await_resume: false when it was cancelled; the turn is passed on then.
        bool use_turn() noexcept {
            if (called_) pass_called();
            return !is_cancelled();
        }

    private:
        friend class waiting_line;
        void abandon() noexcept final { line_.remove(*this); }
        void leave_called() noexcept;
        void pass_called() noexcept;

        bool called_ = false;  // first: it lies where `waiting` leaves room
        waiting_line& line_;
        place* next_ = nullptr;
        place* before_ = nullptr;
    };

    waiting_line() = default;
    waiting_line(const waiting_line&) = delete;
    waiting_line& operator=(const waiting_line&) = delete;

    // How many have been called and not resumed yet.
    std::size_t called() const noexcept { return called_; }
    bool empty() const noexcept { return first_ == nullptr; }
    // The one whose turn is next; null when nobody waits.
    const place* first() const noexcept { return first_; }
    // The next one's turn has come; nothing happens when nobody waits.
    void call() noexcept;
    void call_all() noexcept {
        while (!empty()) call();
    }

private:
    void add(place& one) noexcept;
    void remove(place& one) noexcept;

    place* first_ = nullptr;
    place* last_ = nullptr;
    std::size_t called_ = 0;
};

}  // namespace weir
