// The clocks of a channel, and how it departs.
#include <algorithm>
#include <string>
#include <utility>

#include "weir/base/text.h"
#include "weir/stream/channel_core.h"

namespace weir {
namespace {

error too_slow(const char* what, duration limit) {
    return error(errc::timed_out, {}, {}, std::string("timed out: ") + what + " within " + format_duration(limit));
}

}  // namespace

time_point channel_core::later(time_point from, duration by) noexcept {
    return by > time_point::max() - from ? time_point::max() : from + by;
}

// Who departs does not wait for ever, whatever the limits say.
std::optional<duration> channel_core::stall_limit() const noexcept {
    return state_ == state::open || limits().stalled_send ? limits().stalled_send : channel_limits().stalled_send;
}

deadline channel_core::due() const noexcept {
    deadline first = receiver_ != nullptr ? receive_until_ : deadline();
    const auto sooner = [&](time_point from, const std::optional<duration>& limit) {
        if (limit) first = std::min(first, deadline(later(from, *limit)));
    };
    if (receiver_ != nullptr && waits_for_bytes()) {
        if (has_begun_) sooner(begun_, limits().whole_message);
        if (waits_for_first()) sooner(opened_, limits().first_message);
        sooner(active_, limits().idle);
        if (is_draining_ && decoder_.at_boundary()) first = std::min(first, deadline(drained_));
        if (in_gap()) sooner(came_, described().fields().gap);
    }
    if (const auto stall = stall_limit(); stall && is_sending_ && !is_broken_) {
        sooner(progress_, stall);
        sooner(looked_, *stall / 4);
    }
    if (here_->now() < next_send_) first = std::min(first, deadline(next_send_));
    if (state_ == state::lingering) first = std::min(first, deadline(cut_at_));
    return first;
}

// Set for the earliest of all; what is no longer due when it rings is set anew then.
void channel_core::set_clock() {
    const deadline next = due();
    if (next.is_never() || (is_set() && time_set() <= next.at())) return;
    here_->timers().set(*this, next.at());
}

void channel_core::expire() {
    const time_point now = here_->now();
    check_sending(now);
    if (state_ == state::open) {
        check_receiving(here_->told_until());
        next_sender();
    } else if (below_ == nullptr || is_broken_ || (state_ == state::lingering && now >= cut_at_)) {
        return die();
    }
    set_clock();
}

void channel_core::check_receiving(time_point told) {
    const auto passed = [&](time_point from, const std::optional<duration>& limit) {
        return limit && told >= later(from, *limit);
    };
    if (receiver_ == nullptr) return;
    if (waits_for_bytes()) {
        if (waits_for_first() && passed(opened_, limits().first_message)) {
            end(too_slow("no first message came", *limits().first_message));
        } else if (has_begun_ && passed(begun_, limits().whole_message)) {
            end(too_slow("a message that had begun did not come whole", *limits().whole_message));
        } else if (passed(active_, limits().idle)) {
            end(too_slow("nothing came or went", *limits().idle));
        } else if (is_draining_ && told >= drained_ && decoder_.at_boundary()) {
            end_drained();
        } else if (in_gap() && passed(came_, described().fields().gap)) {
            decoder_.gap();
        }
    }
    is_late_ = receive_until_.passed(told);
    if (!advance() && !is_late_) return;
    unwaited_ = here_->now();
    std::exchange(receiver_, nullptr)->message_ready();
}

void channel_core::check_sending(time_point now) {
    const auto limit = stall_limit();
    if (!is_sending_ || is_broken_ || !limit) return;
    looked_ = now;
    if (const std::size_t unsent = below_->unsent(); unsent != unsent_then_) {
        unsent_then_ = unsent;
        progress_ = now;
        active_ = now;
        return;
    }
    if (now < later(progress_, *limit)) return;
    cut(too_slow("the peer took nothing of what was sent", *limit));
}

void channel_core::cut(error why) {
    if (below_ == nullptr) return;
    if (!has_ended()) end(why);
    has_event_ = false;
    is_asked_ = false;
    is_sending_ = false;
    below_.release()->close(true);
    fail_sending(std::move(why));
    if (receiver_ != nullptr) tell_receiver();
    if (state_ != state::open) flush_at_turn_end();  // where it dies
}

// Departing.

void channel_core::depart() {
    lease_.renew();
    isolated_.reset();
    input_.give_back();
    decoder_.reset();
    count_memory(false);
    state_ = state::flushing;
    here_->departs(departure_);
    flush_at_turn_end();
}

void channel_core::step_away() {
    if (below_ == nullptr) return die();
    flush();
    if (is_broken_) return die();
    if (!is_sending_ && outgoing_.empty() && state_ == state::flushing) {
        state_ = state::lingering;
        cut_at_ = limits().linger_time ? later(here_->now(), *limits().linger_time) : time_point::max();
        if (!has_shut_down_ && !shut_down()) return die();
    }
    drop_input();  // meanwhile, too: the peer may read only when it could send all it had
    const bool is_done = has_input_ended_ || has_dropped_enough();
    if (state_ == state::lingering && is_done && !is_sending_) return die();
    set_clock();
}

void channel_core::drop_input() {
    while (!is_asked_ && !has_input_ended_ && !has_dropped_enough()) {
        if (auto came = below_->receive()) {
            take(std::move(*came));
        } else {
            is_asked_ = true;
        }
    }
}

void channel_core::die() {
    unset();
    departure_.end();
    if (below_ != nullptr) below_.release()->close(is_broken_ && !(failure_ == errc::reset));
    if (watch_ != nullptr) watch_->channel_closed(*this);
    delete this;
}

}  // namespace weir
