#include "weir/sim/connection.h"

#include <algorithm>

#include "weir/sim/stream.h"

namespace weir::sim::internal {

connection::connection(simulation& shared, address from, address to)
    : shared_(shared), number_(shared.next_number()), from_(std::move(from)), to_(std::move(to)) {
    shared_.connections.emplace(number_, this);
}

connection::~connection() { shared_.connections.erase(number_); }

std::size_t connection::room(side one) const noexcept {
    return shared_.options.send_buffer_bytes - ends_[one].unsent.size();
}

void connection::take(side one, bytes_view some) {
    ends_[one].unsent.append(some);
    shared_.note(trace_event::sent, number_ * 2 + one, some);
    schedule_send(one, {});
}

void connection::window_opened(side one) {
    // The other end learns of the larger window from an acknowledgement, which arrives after a delay.
    schedule_send(other(one), is_local() ? duration() : shared_.options.least_delay);
}

// TCP's receive window: the room in the peer's buffer, minus the bytes in flight.
std::size_t connection::window(side from) const noexcept {
    const std::size_t held = ends_[from].in_flight_bytes + ends_[other(from)].arrived.size();
    return shared_.options.receive_buffer_bytes - std::min(held, shared_.options.receive_buffer_bytes);
}

// Sends in a separate event, so that bytes sent in one turn may leave in one segment.
void connection::schedule_send(side from, duration after) {
    end& mine = ends_[from];
    const bool bytes_leave = !mine.unsent.empty() && window(from) != 0;
    const bool end_leaves = mine.unsent.empty() && mine.sending == send_state::closing;
    if (mine.is_send_scheduled || mine.is_aborted || !(bytes_leave || end_leaves)) return;
    mine.is_send_scheduled = true;
    shared_.later(after, [self = shared_from_this(), from] { self->send_segments(from); });
}

void connection::send_segments(side from) {
    end& mine = ends_[from];
    mine.is_send_scheduled = false;
    if (mine.is_aborted) return;
    while (const std::size_t most = std::min({mine.unsent.size(), window(from), shared_.options.most_segment_bytes})) {
        if (!is_local() && shared_.fault_occurs(shared_.options.reset_one_in)) {
            reset_both();
            return;
        }
        const std::size_t size = shared_.part_of(most);
        transmit(from, packet::segment, mine.unsent.view().first(size));
        mine.unsent.consume(size);
    }
    if (mine.unsent.empty() && mine.sending == send_state::closing) {
        mine.sending = send_state::closed;
        transmit(from, packet::end, {});
    }
    notify_writable(from);
}

void connection::transmit(side from, packet what, bytes_view content) {
    end& mine = ends_[from];
    mine.in_flight.push_back({what, content, shared_.now() + delay()});
    mine.in_flight_bytes += content.size();
    shared_.note(trace_event::segment_sent, number_ * 2 + from, content);
    schedule_delivery(from);
}

void connection::schedule_delivery(side from) {
    end& mine = ends_[from];
    if (mine.is_delivery_scheduled || mine.in_flight.empty()) return;
    mine.is_delivery_scheduled = true;
    const duration after = std::max(mine.in_flight.front().due - shared_.now(), mine.retry_after);
    shared_.later(std::max(after, duration()), [self = shared_from_this(), from] { self->deliver_due(from); });
}

void connection::deliver_due(side from) {
    end& mine = ends_[from];
    mine.is_delivery_scheduled = false;
    if (shared_.is_partitioned(from_, to_)) return schedule_retransmission(from);
    mine.retry_after = {};
    while (!mine.in_flight.empty() && mine.in_flight.front().due <= shared_.now()) {
        const flight one = std::move(mine.in_flight.front());
        mine.in_flight.pop_front();
        mine.in_flight_bytes -= one.content.size();
        arrive(from, one);
    }
    schedule_delivery(from);
    notify(other(from));
}

// Sends lost packets again. The interval doubles each time, RFC 6298. A reset is never repeated.
void connection::schedule_retransmission(side from) {
    end& mine = ends_[from];
    std::erase_if(mine.in_flight, [](const flight& one) { return one.what == packet::reset; });
    if (mine.in_flight.empty()) return;
    if (mine.retry_after == duration()) {
        mine.first_lost = shared_.now();
        mine.retry_after = std::chrono::milliseconds(200);
    } else if (shared_.now() - mine.first_lost >= shared_.options.send_patience) {
        abort(from, linux_errno::timed_out);
        return notify(from);
    } else {
        mine.retry_after = std::min<duration>(mine.retry_after * 2, std::chrono::seconds(120));
    }
    schedule_delivery(from);
}

void connection::arrive(side from, const flight& one) {
    const side to = other(from);
    end& theirs = ends_[to];
    if (one.what == packet::reset) {
        shared_.note(trace_event::reset, number_ * 2 + to);
        const bool after_end = theirs.receiving == receive_state::ended && !is_local();
        return abort(to, after_end ? linux_errno::broken_pipe : linux_errno::reset);
    }
    if (theirs.is_aborted) return send_reset(to);
    if (one.what == packet::end) {
        shared_.note(trace_event::end_arrived, number_ * 2 + to);
        if (theirs.receiving == receive_state::open) theirs.receiving = receive_state::ended;
        return;
    }
    if (theirs.receiving == receive_state::closed) return send_reset(to);
    shared_.note(trace_event::segment_arrived, number_ * 2 + to, one.content);
    theirs.arrived.append(one.content);
}

// Notifies in the order of epoll(7): readable first, then writable.
void connection::notify(side one) {
    notify_readable(one);
    if (ends_[one].is_aborted || is_local()) notify_writable(one);
}

void connection::notify_readable(side one) {
    if (ends_[one].attached != nullptr) ends_[one].attached->readable();
}

void connection::notify_writable(side one) {
    if (ends_[one].attached != nullptr) ends_[one].attached->writable();
}

}  // namespace weir::sim::internal
