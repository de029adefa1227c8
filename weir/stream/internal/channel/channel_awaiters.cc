#include "weir/stream/internal/channel/channel_awaiters.h"

namespace weir::internal {
namespace {

// Sends the message of the task that is first in line, unless the task was cancelled. Then wakes the next sender.
template <class Place, class Send>
ignorable_result send_in_turn(channel_core& into, const std::unique_ptr<Place>& turn, Send send) {
    const bool has_turn = turn == nullptr || turn->use();
    result<void> done = has_turn ? send() : result<void>(error(errc::cancelled, "send", into.peer().to_string()));
    into.next_sender();
    return done;
}

}  // namespace

void channel_handle::refuse_moved(std::source_location where) {
    check_failed("core != nullptr", "a moved-from channel was used", where);
}

ignorable_result send_awaiter::resume_slowly() {
    return send_in_turn(*into_, turn_, [this] { return into_->send(payload_); });
}

ignorable_result send_buffer_awaiter::await_resume() {
    return send_in_turn(*into_, turn_, [this] { return into_->send_in_place(payload_); });
}

ignorable_result send_shared_awaiter::await_resume() {
    return send_in_turn(*into_, turn_,
                        [this] { return into_->send_shared(turn_ == nullptr ? payload_ : turn_->payload); });
}

ignorable_result send_message_awaiter::resume_slowly(std::source_location where) {
    return send_in_turn(*into_, turn_, [this, where] {
        return into_->send((turn_ == nullptr ? message_ : turn_->payload).view(where));
    });
}

}  // namespace weir::internal
