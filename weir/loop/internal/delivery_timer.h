// A timer for operations that time out when something has not arrived.
#pragma once

#include "weir/loop/loop.h"
#include "weir/loop/timer.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {

// Calls overdue() when its deadline has passed and everything that happened before the deadline has been delivered. A
// loop that was stopped, or is behind, first delivers what has arrived (loop::delivered_until()). The destructor unsets
// the timer. Thread safety: its loop's thread alone.
class delivery_timer : private timer {
public:
    using timer::unset;

    // Sets the timer, or moves it to another deadline; deadline::never() only unsets it. Throws std::bad_alloc.
    void set(deadline until) {
        until_ = until;
        unset();
        if (!until.is_never()) loop::current().timers().set(*this, until.at());
    }
    deadline until() const noexcept { return until_; }

protected:
    ~delivery_timer() override = default;

private:
    virtual void overdue() = 0;
    void expire() final {
        loop& here = loop::current();
        if (!until_.passed(here.delivered_until())) return here.timers().set(*this, until_.at());
        overdue();
    }

    deadline until_;
};

}  // namespace internal
}  // namespace weir
