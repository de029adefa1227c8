// How a connection ends: by the end of a stream, by a reset, or by a time-out of retransmission. As in Linux, each
// error is reported once, to the first call that finds it. Bytes that arrived before the end can still be received.
#include "weir/sim/connection.h"
#include "weir/sim/stream.h"

namespace weir::sim::internal {

bool connection::has_ended(side one) const noexcept {
    const end& mine = ends_[one];
    return mine.arrived.empty() && (mine.receiving == receive_state::ended || mine.is_aborted);
}

outcome connection::how_ended(side one) {
    end& mine = ends_[one];
    // If the end of a TCP stream arrived before the error, the end is reported and not the error.
    if (mine.receiving == receive_state::ended && !is_local()) return {};
    return std::exchange(mine.failure, {});
}

outcome connection::refusal(side one) {
    end& mine = ends_[one];
    const bool is_over = mine.is_aborted || mine.sending != send_state::open;
    if (is_local()) {
        const bool peer_closed = ends_[other(one)].receiving == receive_state::closed;
        return is_over || peer_closed ? linux_errno::broken_pipe : outcome();
    }
    if (!mine.failure.good()) return std::exchange(mine.failure, {});
    return is_over ? linux_errno::broken_pipe : outcome();
}

outcome connection::shut(side one) {
    end& mine = ends_[one];
    const bool both_ended = mine.sending == send_state::closed && mine.receiving == receive_state::ended;
    if (!is_local() && (mine.is_aborted || both_ended)) return linux_errno::not_connected;
    if (mine.sending == send_state::open) mine.sending = send_state::closing;
    schedule_send(one, {});
    return {};
}

void connection::close(side one, bool reset) {
    end& mine = ends_[one];
    const bool unread = !mine.arrived.empty();
    mine.attached = nullptr;
    mine.receiving = receive_state::closed;
    mine.arrived.release();
    shared_.note(trace_event::closed, number_ * 2 + one);
    if (mine.is_aborted) return;
    if (unread || (reset && !is_local())) return send_reset(one);  // RFC 2525, section 2.17
    if (mine.sending == send_state::open) mine.sending = send_state::closing;
    schedule_send(one, {});
}

void connection::reject() {
    ends_[called].receiving = receive_state::closed;
    ends_[called].arrived.release();
    if (!ends_[called].is_aborted) send_reset(called);
}

void connection::send_reset(side from) {
    end& mine = ends_[from];
    mine.is_aborted = true;
    if (ends_[other(from)].is_aborted) return;
    if (is_local()) {
        // On a Unix socket these bytes are already in the peer's queue, unix(7).
        if (!mine.unsent.empty()) transmit(from, packet::segment, mine.unsent.view());
    } else if (!mine.in_flight.empty() && shared_.draw().flip()) {
        mine.in_flight.clear();  // lost, and never sent again
        mine.in_flight_bytes = 0;
    }
    mine.unsent.release();
    transmit(from, packet::reset, {});
}

void connection::abort(side one, outcome why) {
    end& mine = ends_[one];
    if (mine.is_aborted) return;
    mine.is_aborted = true;
    mine.failure = why;
    mine.unsent.release();
    mine.in_flight.clear();
    mine.in_flight_bytes = 0;
    mine.retry_after = {};
}

bool connection::reset_both() {
    const auto is_closed = [&](side one) { return ends_[one].receiving == receive_state::closed; };
    if (is_closed(caller) && is_closed(called)) return false;
    bool was_open = false;
    for (const side one : {caller, called}) {
        if (ends_[one].is_aborted) continue;
        was_open = true;
        shared_.note(trace_event::reset, number_ * 2 + one);
        abort(one, ends_[one].receiving == receive_state::ended ? linux_errno::broken_pipe : linux_errno::reset);
        shared_.later({}, [self = shared_from_this(), one] { self->notify(one); });
    }
    return was_open;
}

}  // namespace weir::sim::internal
