#include "weir/stream/channel_core.h"

#include <algorithm>
#include <utility>

#include "weir/base/check.h"
#include "weir/stream/isolate.h"

namespace weir {

channel_terms::channel_terms(framing described, const channel_limits& limited_by)
    : encode(std::move(described)), limits(limited_by) {
    WEIR_CHECK(!limits.high_water_bytes || limits.low_water_bytes <= *limits.high_water_bytes,
               "channel_limits: low water above high water");
}

channel_core::channel_core(owned_stream below, shared_terms terms, address peer)
    : here_(loop::current()), below_(std::move(below)), terms_(std::move(terms)), decoder_(terms_->encode.described()),
      opened_(here_->now()), active_(opened_), came_(opened_), unwaited_(opened_), peer_(std::move(peer)) {
    below_->tell(*this);
}

channel_core::~channel_core() = default;

void channel_core::leave() noexcept {
    if (--handles_ != 0) return;
    WEIR_CHECK(receiver_ == nullptr && senders_.empty() && flushers_.empty(),
               "a channel was destroyed while a task waits in its receive(), send() or flush()");
    depart();
}

std::size_t channel_core::held_bytes() const noexcept {
    return input_.capacity() + decoder_.memory() + outgoing_.capacity() + (is_sending_ ? below_->unsent() : 0);
}

void channel_core::count_memory(bool is_torn) noexcept {
    const std::size_t received = input_.capacity() + decoder_.memory();
    const std::size_t queued = is_sending_ ? outgoing_.capacity() + below_->unsent() : 0;
    if (is_torn) return memory_.hold(received, queued);
    memory_.hold(0, received + queued);
}

void channel_core::fit_memory() {
    const std::size_t held = decoder_.held();
    const auto missing = static_cast<std::size_t>(decoder_.missing());
    // Where only the end tells how long it is, it may be as much again; and what there is goes on until it is nearly full.
    const std::size_t wanted = held + (missing != 0 ? missing : held);
    const std::size_t needed = missing != 0 ? wanted : held + std::min(held, decoder::least_room);
    const bool is_much = decoder_.memory() > std::max(kept_bytes, most_part * wanted);
    const bool is_little = held + missing > kept_bytes && decoder_.memory() < needed;
    if (!is_much && !is_little) return;
    buffer other;
    if (wanted != 0) other = here_->spares().take(wanted);
    if (held != 0 && other.capacity() < wanted && wanted <= 4 * held) other.prepare(wanted);
    if (is_much || other.capacity() >= wanted) decoder_.swap_memory(other);
    here_->spares().keep(other);
    if (is_much) decoder_.trim(kept_bytes);
}

void channel_core::switch_framing(framing described) {
    decoder_.switch_to(described);
    terms_ = std::make_shared<const channel_terms>(std::move(described), limits());
}

// Receiving.

bool channel_core::begin_receive_slowly(deadline until) {
    WEIR_CHECK(receiver_ == nullptr, "two receives at once on one channel: a channel has one reader");
    lease_.renew();
    if (has_ended() && !has_event_) input_.give_back();
    receive_until_ = until;
    is_late_ = false;
    // Only the time in which somebody waits counts.
    const duration away = here_->now() - std::exchange(unwaited_, here_->now());
    opened_ += away;
    begun_ += away;
    active_ += away;
    if (is_asked_ && in_gap() && here_->now() >= later(came_, described().fields().gap)) decoder_.gap();
    return advance() && !over_budget();
}

bool channel_core::wait_for_message(message_waiter& one) {
    if (has_event_ || has_ended()) return true;
    receiver_ = &one;
    set_clock();
    flush();  // whatever answers what came has been sent by now
    return false;
}

// True when there is a message, a piece or an ending to be taken.
bool channel_core::advance() {
    while (!has_event_ && !has_ended()) {
        event_ = decoder_.next();
        if (!settle_event()) return false;
    }
    return true;
}

// False: nothing can be told yet, more is asked for or is not wanted now.
bool channel_core::settle_event() {
    switch (event_.what) {
        case decoder::message:
        case decoder::piece: has_event_ = true; break;
        case decoder::skipped: ++figures_.messages_skipped; break;
        case decoder::end: end(error(errc::closed)); break;
        case decoder::failed: end(decoder_.failure().during({}, {})); break;
        case decoder::more:
            input_.give_back();
            fit_memory();
            count_memory(!decoder_.at_boundary());
            if (decoder_.at_boundary()) {
                has_begun_ = false;
            } else if (!std::exchange(has_begun_, true)) {
                begun_ = here_->now();
            }
            if (is_draining_ && has_drained_ && decoder_.at_boundary()) {
                end_drained();
                break;
            }
            if (receiver_ != nullptr && over_budget()) {
                if (!is_listed()) here_->make_ready(*this);  // goes on when others have had their turn
                return false;
            }
            if (!ask()) return false;
            break;
    }
    return true;
}

// True when something came at once.
bool channel_core::ask() {
    if (is_asked_ || !memory_.may_receive()) return false;
    if (auto came = below_->receive()) {
        take(std::move(*came));
        return true;
    }
    is_asked_ = true;
    if (torn_bytes_ != 0) fit_memory();
    if (is_draining_ && drained_ == time_point()) drained_ = later(here_->now(), drain_grace);
    return false;
}

// After a large message the next one is, and has its place from the beginning.
std::span<std::byte> channel_core::room() noexcept {
    if (state_ != state::open || has_ended()) return {};
    if (torn_bytes_ != 0 && decoder_.memory() == 0) {
        buffer other = here_->spares().take(torn_bytes_ + kept_bytes);  // it may be a little longer
        if (other.capacity() == 0) other = here_->spares().take(torn_bytes_);
        decoder_.swap_memory(other);
    }
    return decoder_.room(torn_bytes_);
}

void channel_core::received(arrival came) noexcept {
    is_asked_ = false;
    take(std::move(came));
    if (state_ != state::open) return flush_at_turn_end();
    if (receiver_ != nullptr) tell_receiver();
}

// If there is something to tell.
void channel_core::tell_receiver() {
    if (!advance()) return set_clock();
    unwaited_ = here_->now();
    std::exchange(receiver_, nullptr)->message_ready();
}

void channel_core::take(arrival came) {
    came_ = here_->now();
    const std::size_t count = came.bytes.size() + came.in_room;
    figures_.bytes_received += count;
    bytes_this_turn_ += count;
    has_input_ended_ = came.ends();
    if (state_ != state::open || has_ended()) {
        dropped_ += count;
    } else if (!came.how.good()) {
        end(came.how.during({}, {}));
        if (came.how.code != errc::truncated) sending_failed(came.how);  // the connection is gone, both ways
    } else if (has_input_ended_ && send_was_reset_) {
        end(error(errc::reset));
    } else if (has_input_ended_) {
        decoder_.finish();
    } else {
        active_ = came_;
        if (is_draining_ && drained_ != time_point()) has_drained_ = true;  // the first that was waited for
        if (came.in_room != 0) {
            decoder_.collected(came.in_room);
        } else {
            input_ = std::move(came.bytes);
            decoder_.feed(input_.view());
        }
        count_memory(memory_.is_torn());
    }
}

result<message> channel_core::take_message_slowly() {
    if (!has_event_) {
        if (has_ended()) return ending();
        WEIR_CHECK(is_late_, "a receive was resumed with nothing to give");
        return error(errc::timed_out, "receive", peer_.to_string());
    }
    has_event_ = false;
    auto part = message::part::whole;
    if (event_.what == decoder::piece) part = event_.last ? message::part::last_piece : message::part::piece;
    if (part != message::part::piece) {
        ++figures_.messages_received;
        has_begun_ = false;
    }
    ++messages_this_turn_;
    if (memory_.is_torn()) count_memory(false);  // it is whole
    torn_bytes_ = decoder_.taken() > kept_bytes ? decoder_.taken() : 0;
    return message(isolate(event_.payload, isolated_), lease::stamp(lease_), part);
}

const error& channel_core::in_full(error& which, const char* operation) const {
    if (!(which == errc::none) && which.operation().empty()) which = which.during(operation, peer_.to_string());
    return which;
}

bool channel_core::over_budget() noexcept {
    if (std::exchange(turn_, here_->turns()) != here_->turns()) {
        messages_this_turn_ = 0;
        bytes_this_turn_ = 0;
    }
    return messages_this_turn_ >= most_messages_a_turn || bytes_this_turn_ >= most_bytes_a_turn;
}

void channel_core::drain() {
    is_draining_ = true;
    if (is_asked_) drained_ = later(here_->now(), drain_grace);
    set_clock();
}

// Sending.

bool channel_core::can_send_slowly() {
    if (!(failure_ == errc::none)) return true;
    if (here_->now() < next_send_) {
        set_clock();
        return false;
    }
    return senders_.empty() && senders_.called() == 0 && has_room();
}

result<void> channel_core::send(bytes_view payload) {
    if (!(failure_ == errc::none)) return failure();
    if (outgoing_.capacity() == 0) outgoing_ = here_->spares().take(payload.size() + header_room);
    const std::size_t before = outgoing_.size();
    if (auto encoded = terms_->encode.encode(payload, outgoing_); !encoded) return encoded;
    ++figures_.messages_sent;
    figures_.bytes_sent += outgoing_.size() - before;
    if (pace_ != duration{}) next_send_ = later(here_->now(), pace_);
    flush_at_turn_end();
    return {};
}

void channel_core::call_sender() noexcept {
    if (!(failure_ == errc::none)) return senders_.call_all();
    if (here_->now() < next_send_) return set_clock();
    if (has_room()) senders_.call();
}

void channel_core::flush_at_turn_end() noexcept {
    if (!is_listed()) here_->at_turn_end(*this);
}

void channel_core::run() {
    if (state_ != state::open) return step_away();
    flush();
    if (receiver_ != nullptr && !is_asked_) tell_receiver();
}

void channel_core::flush() {
    if (is_sending_ || outgoing_.empty() || is_broken_) return;
    if (const auto done = below_->send(outgoing_)) {
        if (!done->good()) return sending_failed(*done);
        active_ = here_->now();
        here_->spares().keep(outgoing_);
        return was_flushed();
    }
    begin_sending();
}

// False when it failed.
bool channel_core::shut_down() {
    has_shut_down_ = true;
    const auto done = below_->shutdown_send();
    if (done) return done->good();
    begin_sending();
    return true;
}

void channel_core::begin_sending() {
    is_sending_ = true;
    progress_ = looked_ = active_ = here_->now();
    unsent_then_ = below_->unsent();
    count_memory(memory_.is_torn());
    const auto stall = stall_limit();
    if (stall && !(is_set() && time_set() <= later(looked_, *stall / 4))) set_clock();
}

void channel_core::sent(outcome how) noexcept {
    is_sending_ = false;
    active_ = here_->now();
    if (!how.good()) {
        sending_failed(how);
    } else if (outgoing_.empty()) {
        was_flushed();
    } else if (queued() <= limits().low_water_bytes) {
        next_sender();
    }
    count_memory(memory_.is_torn());
    if (!outgoing_.empty() || state_ != state::open) flush_at_turn_end();
}

// Everything that was sent is with the world.
void channel_core::was_flushed() {
    if (ends_sending_ && !has_shut_down_) static_cast<void>(shut_down());
    flushers_.call_all();
    next_sender();
}

void channel_core::sending_failed(outcome how) {
    if (how.code == errc::reset) send_was_reset_ = true;
    fail_sending(how.during({}, {}));
}

void channel_core::fail_sending(error why) {
    is_broken_ = true;
    if (failure_ == errc::none || ends_sending_) failure_ = std::move(why);
    outgoing_.release();
    count_memory(memory_.is_torn());
    flushers_.call_all();
    senders_.call_all();
}

void channel_core::shutdown_send() {
    if (!(failure_ == errc::none)) return;
    ends_sending_ = true;
    failure_ = error(errc::broken_pipe, {}, {}, "this side has ended its sending");
    if (!is_sending_ && outgoing_.empty()) was_flushed();
    senders_.call_all();
}

result<void> channel_core::flushed() const {
    if (!is_broken_) return {};
    return failure();
}

}  // namespace weir
