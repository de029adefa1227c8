#include "weir/coroutine/internal/waiting_line.h"

namespace weir::internal {

// Called when a task was destroyed after it was woken: wakes the next task instead.
void waiting_line::place::leave_called() noexcept {
    called_ = false;
    --line_.called_;
    line_.call();
}

void waiting_line::place::pass_called() noexcept {
    called_ = false;
    --line_.called_;
    if (is_cancelled()) line_.call();
}

void waiting_line::call() noexcept {
    place* const one = places_.pop();
    if (one == nullptr) return;
    one->called_ = true;
    ++called_;
    one->complete();
}

}  // namespace weir::internal
