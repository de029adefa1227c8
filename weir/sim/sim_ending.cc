// How a connection ends: by the end of a stream, by a reset, by silence; and what each end is told of it, as Linux
// tells it: an error is said once, to whoever asks first; what has arrived is received all the same.
#include "weir/sim/sim_connection.h"
#include "weir/sim/sim_stream.h"

namespace weir {

bool sim_connection::has_ended(side one) const noexcept {
    return ends_[one].arrived.empty() && (ends_[one].end_arrived || ends_[one].is_dead);
}

outcome sim_connection::how_ended(side one) {
    end& mine = ends_[one];
    // An end that arrived before the error is the end, in TCP.
    if (mine.end_arrived && !is_local()) return {};
    return std::exchange(mine.failure, {});
}

outcome sim_connection::refusal(side one) {
    end& mine = ends_[one];
    if (is_local()) {
        const bool over = mine.is_dead || mine.end_wanted || ends_[other(one)].is_closed;
        return over ? linux_errno::broken_pipe : outcome();
    }
    if (!mine.failure.good()) return std::exchange(mine.failure, {});
    return mine.is_dead || mine.end_wanted ? linux_errno::broken_pipe : outcome();
}

outcome sim_connection::shut(side one) {
    end& mine = ends_[one];
    if (!is_local() && (mine.is_dead || (mine.end_left && mine.end_arrived))) return linux_errno::not_connected;
    mine.end_wanted = true;
    plan_departure(one, {});
    return {};
}

void sim_connection::close(side one, bool reset) {
    end& mine = ends_[one];
    const bool unread = !mine.arrived.empty();
    mine.stream = nullptr;
    mine.is_closed = true;
    mine.arrived.release();
    world_.note(happening::closed, number_ * 2 + one);
    if (mine.is_dead) return;
    if (unread || (reset && !is_local())) return send_reset(one);  // RFC 2525, section 2.17
    mine.end_wanted = true;
    plan_departure(one, {});
}

void sim_connection::turn_away() {
    ends_[called].is_closed = true;
    ends_[called].arrived.release();
    if (!ends_[called].is_dead) send_reset(called);
}

void sim_connection::send_reset(side from) {
    end& mine = ends_[from];
    mine.is_dead = true;
    if (ends_[other(from)].is_dead) return;
    if (is_local()) {
        // What was taken is in the peer's queue already, unix(7).
        if (!mine.waiting.empty()) launch(from, cargo::segment, mine.waiting.view());
    } else if (!mine.flights.empty() && world_.draw().flip()) {
        mine.flights.clear();  // lost on the way, and never sent again
        mine.flying_bytes = 0;
    }
    mine.waiting.release();
    launch(from, cargo::reset, {});
}

void sim_connection::kill(side one, outcome why) {
    end& mine = ends_[one];
    if (mine.is_dead) return;
    mine.is_dead = true;
    mine.failure = why;
    mine.waiting.release();
    mine.flights.clear();
    mine.flying_bytes = 0;
    mine.next_try = {};
}

bool sim_connection::break_apart() {
    bool broke = false;
    if (ends_[caller].is_closed && ends_[called].is_closed) return false;
    for (const side one : {caller, called}) {
        if (ends_[one].is_dead) continue;
        broke = true;
        world_.note(happening::reset, number_ * 2 + one);
        kill(one, ends_[one].end_arrived ? linux_errno::broken_pipe : linux_errno::reset);
        world_.later({}, [self = shared_from_this(), one] { self->tell(one); });
    }
    return broke;
}

}  // namespace weir
