// What the states of a channel promise each other, between two events. An idle channel has no work, and so no states of
// its own.
#include "weir/base/check.h"
#include "weir/stream/channel_core.h"

namespace weir {

using internal::input_state;
using internal::receiver_state;
using internal::sender_state;
using internal::waiter_state;

void channel_core::check_invariants() const {
    if (work_ == nullptr) {
        WEIR_CHECK(waiting_ != waiter_state::resuming, "an idle channel has a task that is being resumed");
        return;
    }
    const channel_work& now = *work_;
    WEIR_CHECK(now.core == this, "a channel's work belongs to another channel");

    // The receiver.
    const bool holds = now.receiving.is_holding();
    const bool is_handing = now.receiving.is_handing();
    WEIR_CHECK((now.receiving.now() == receiver_state::value::ended) == (has_ended() && !holds),
               "a receiver has ended without a close reason, or goes on with one");
    WEIR_CHECK(!holds || now.event.what == decoder::message || now.event.what == decoder::piece,
               "a receiver holds an event that is neither a message nor a piece");
    WEIR_CHECK(!is_handing || now.event.what == decoder::message, "a receiver hands out what is no message");
    WEIR_CHECK(!is_reading() || has_ended() || now.input.empty(), "a receiver reads while it has input");

    // The waiting task.
    WEIR_CHECK((waiting_ == waiter_state::nobody) == !frame_, "a channel's waiter and its state disagree");
    WEIR_CHECK(!waits() || now.receiving.is_scanning(), "a task waits for what its channel holds");

    // The sender.
    WEIR_CHECK(!now.sending.has_failed() || now.outgoing.empty(), "a failed sender has bytes to send");
    WEIR_CHECK(now.sending.has_ended() || now.failure == errc::none, "a sender goes on after its failure");
    WEIR_CHECK(now.sending_memory == 0 || now.sending.is_sending(),
               "a sender counts memory of the stream that sends nothing");
    WEIR_CHECK(now.quick_room == 0 || now.sending.now() == sender_state::value::idle, "a busy sender has a quick way");

    // The close.
    WEIR_CHECK(now.closing.is_open() || (handles_ == 0 && waiting_ == waiter_state::nobody),
               "a channel closes while a program holds it");
    WEIR_CHECK(below_ != nullptr || (has_ended() && now.sending.now() == sender_state::value::failed &&
                                     now.input_is == input_state::ended),
               "a channel without a stream goes on");
}

}  // namespace weir
