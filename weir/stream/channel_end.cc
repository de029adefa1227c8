// The clocks of a channel, and how it departs.
#include <algorithm>
#include <string>
#include <utility>

#include "weir/base/text.h"
#include "weir/stream/channel_core.h"

namespace weir {

using internal::input_state;
using internal::receive_answer;

namespace {

error too_slow(const char* what, duration limit) {
    return error(errc::timed_out, {}, {}, std::string("timed out: ") + what + " within " + format_duration(limit));
}

}  // namespace

// Who departs does not wait for ever, whatever the limits say.
std::optional<duration> channel_core::stall_limit() const noexcept {
    return work_->closing.is_open() || limits().stalled_send ? limits().stalled_send : channel_limits().stalled_send;
}

deadline channel_core::due() const noexcept {
    deadline first = waits() ? receive_until_ : deadline();
    const auto sooner = [&](time_point from, const std::optional<duration>& limit) {
        if (limit) first = std::min(first, deadline(later(from, *limit)));
    };
    if (waits() && waits_for_bytes()) {
        if (work_->has_begun) sooner(work_->begun, limits().whole_message);
        if (waits_for_first()) sooner(opened_, limits().first_message);
        sooner(active_, limits().idle);
        if (work_->closing.is_stopping() && work_->decoding.at_boundary())
            first = std::min(first, deadline(work_->grace_until));
        if (in_gap()) sooner(work_->came, described().fields().gap);
    }
    if (stall_limit() && work_->sending.is_sending() && !work_->sending.has_failed()) {
        first = std::min(first, deadline(work_->taken_by_peer.next_look()));
    }
    if (here_->now() < work_->next_send) first = std::min(first, deadline(work_->next_send));
    if (work_->closing.is_draining()) first = std::min(first, deadline(work_->cut_at));
    return first;
}

// Set for the earliest of all; what is no longer due when it rings is set anew then.
void channel_core::set_clock() {
    const deadline next = due();
    if (next.is_never() || (is_set() && time_set() <= next.at())) return;
    here_->timers().set(*this, next.at());
}

void channel_core::expire() {
    if (busy_or_starve() == nullptr) return;
    check_invariants();
    const time_point now = here_->now();
    bool done = survive([&] {
        check_sending(now);
        if (work_->closing.is_open()) check_receiving(here_->told_until());
    });
    if (work_->closing.is_open()) {
        next_sender();
    } else if (below_ == nullptr || work_->sending.has_failed() ||
               (work_->closing.is_draining() && now >= work_->cut_at)) {
        return die();
    }
    done = survive([this] { set_clock(); }) && done;
    if (done) idle_if_done();
}

void channel_core::check_receiving(time_point told) {
    const auto passed = [&](time_point from, const std::optional<duration>& limit) {
        return limit && told >= later(from, *limit);
    };
    if (!waits()) return;
    if (waits_for_bytes()) {
        if (waits_for_first() && passed(opened_, limits().first_message)) {
            end(too_slow("no first message came", *limits().first_message));
        } else if (work_->has_begun && passed(work_->begun, limits().whole_message)) {
            end(too_slow("a message that had begun did not come whole", *limits().whole_message));
        } else if (passed(active_, limits().idle)) {
            end(too_slow("nothing came or went", *limits().idle));
        } else if (work_->closing.is_stopping() && told >= work_->grace_until && work_->decoding.at_boundary()) {
            end_drained();
        } else if (in_gap() && passed(work_->came, described().fields().gap)) {
            work_->decoding.gap();
        }
    }
    const bool is_late = receive_until_.passed(told);
    work_->answer = is_late ? receive_answer::timed_out : receive_answer::event;
    if (!advance() && !is_late) return;
    answer_receiver();
}

void channel_core::check_sending(time_point now) {
    const auto limit = stall_limit();
    if (!work_->sending.is_sending() || work_->sending.has_failed() || !limit) return;
    if (now < work_->taken_by_peer.next_look()) return;
    const auto seen = work_->taken_by_peer.look(below_->untaken(), now, *limit);
    if (seen == stall_watch::verdict::moves) active_ = now;
    if (seen != stall_watch::verdict::stalled) return;
    abort(too_slow("the peer took nothing of what was sent", *limit));
}

void channel_core::abort(error why) {
    if (below_ == nullptr || busy_or_starve() == nullptr) return;
    check_invariants();
    work_->quick_until = 0;
    if (!has_ended()) end(why);
    work_->receiving.taken(true);
    work_->input_is = input_state::ended;
    work_->sending_memory = 0;
    below_.release()->close(true);
    fail_sending(std::move(why));
    work_->sending.abort();
    work_->held.waits_for(byte_budget::wait::budget_alone);
    work_->held.unpromise();
    count_memory();
    if (waits()) answer_receiver();
    if (!work_->closing.is_open()) flush_at_turn_end();  // where it dies
}

// Departing.

void channel_core::begin_close() {
    check_invariants();
    if (busy_or_starve() == nullptr || !work_->closing.is_open()) return;  // without work it departs when there is some
    work_->views.renew();
    work_->isolated.reset();
    work_->input.give_back();
    work_->decoding.reset();
    work_->held.unpromise();
    count_memory();
    work_->receiving.taken(has_ended());  // what is held is dropped
    work_->closing.flush();
    here_->departs(work_->dying);
    flush_at_turn_end();
}

void channel_core::step_away() {
    check_invariants();
    if (below_ == nullptr) return die();
    survive([this] { begin_leaving(); });
    if (work_->sending.has_failed() || has_left()) die();
}

void channel_core::begin_leaving() {
    flush();
    if (work_->sending.has_failed()) return;
    if (!work_->sending.is_sending() && work_->outgoing.empty() && !work_->closing.is_draining()) {
        work_->closing.drain();
        work_->cut_at = limits().linger_time ? later(here_->now(), *limits().linger_time) : time_point::max();
        if (!work_->sending.has_shut_down() && !shut_down()) {
            work_->sending.fail();
            return;
        }
    }
    drop_input();  // meanwhile, too: the peer may read only when it could send all it had
    if (!has_left()) set_clock();
}

bool channel_core::has_left() const noexcept {
    return work_->closing.is_draining() && !work_->sending.is_sending() &&
           (work_->input_is == input_state::ended || has_dropped_enough());
}

void channel_core::drop_input() {
    while (work_->input_is == input_state::open && !has_dropped_enough()) {
        if (over_budget()) {  // a peer may send faster than it can be dropped
            if (!work_->at_turn_end.is_listed()) here_->make_ready(work_->at_turn_end);
            return;
        }
        if (auto came = below_->receive()) {
            take(std::move(*came));
        } else {
            work_->input_is = input_state::reading;
        }
    }
}

void channel_core::die() {
    unset();
    work_->dying.end();
    if (below_ != nullptr) below_.release()->close(work_->sending.has_failed() && !(work_->failure == errc::reset));
    if (watch_ != nullptr) watch_->channel_closed(*this);
    work_->close_reason = work_->failure = error(errc::none);
    give_work_back();
    delete this;
}

}  // namespace weir
