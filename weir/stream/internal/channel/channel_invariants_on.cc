// The relations between the parts of a channel that hold between two events.
#include "weir/base/check.h"
#include "weir/stream/internal/channel/channel_core.h"

namespace weir::internal {

void channel_core::check_invariants() const {
    if (work_ == nullptr) {
        WEIR_CHECK(!task_.is_resuming(), "an idle channel has a task that is being resumed");
        return;
    }
    const channel_work& now = *work_;
    WEIR_CHECK(now.core == this, "a channel's work belongs to another channel");
    now.receiver.check_invariants();
    now.sender.check_invariants();
    WEIR_CHECK(!task_.waits() || now.receiver.is_scanning(), "a task waits for what its channel holds");
    WEIR_CHECK(!now.close.is_closing() || (handle_count_ == 0 && task_.is_empty()),
               "a channel closes while it has a handle or a waiting task");
    WEIR_CHECK(below_ != nullptr || (now.receiver.has_ended() && now.receiver.has_input_ended() &&
                                     now.sender.now() == channel_sender::state::failed),
               "a channel without a stream continues");
}

}  // namespace weir::internal
