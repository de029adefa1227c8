#include "weir/stream/channel.h"

namespace weir {

ignorable_result channel_writer::sending::resume_slowly() {
    const bool has_turn = turn_ == nullptr || turn_->use();
    result<void> done =
        has_turn ? into_.send(payload_) : result<void>(error(errc::cancelled, "send", into_.peer().to_string()));
    into_.next_sender();
    return done;
}

ignorable_result channel_writer::sending_buffer::await_resume() {
    const bool has_turn = turn_ == nullptr || turn_->use();
    result<void> done = has_turn ? into_.send_in_place(payload_)
                                 : result<void>(error(errc::cancelled, "send", into_.peer().to_string()));
    into_.next_sender();
    return done;
}

ignorable_result channel_writer::sending_message::resume_slowly() {
    const bool has_turn = turn_ == nullptr || turn_->use();
    result<void> done = has_turn ? into_.send((turn_ == nullptr ? message_ : turn_->payload).view())
                                 : result<void>(error(errc::cancelled, "send", into_.peer().to_string()));
    into_.next_sender();
    return done;
}

result<kernel_view> channel::ask_kernel() const {
    byte_stream* const below = core().below();
    if (below == nullptr) return error(errc::cancelled, "ask the kernel", peer().to_string());
    return below->ask_kernel();
}

}  // namespace weir
