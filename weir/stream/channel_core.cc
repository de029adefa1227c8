#include "weir/stream/channel_core.h"

#include <algorithm>
#include <utility>

#include "weir/base/check.h"
#include "weir/stream/isolate.h"

namespace weir {

channel_core::channel_core(owned_stream below, shared_terms terms, address peer)
    : here_(loop::current()), below_(std::move(below)), terms_(std::move(terms)), peer_(std::move(peer)),
      opened_(here_->now()), active_(opened_) {
    below_->tell(*this);
}

channel_core::~channel_core() = default;

void channel_core::leave() noexcept {
    if (--handles_ != 0) return;
    WEIR_CHECK(!frame_ && (work_ == nullptr || work_->has_no_line()),
               "a channel was destroyed while a task waits in its receive(), send() or flush()");
    depart();
}

std::size_t channel_core::held_bytes() const noexcept {
    if (work_ == nullptr) return 0;
    return work_->input.capacity() + work_->decoding.memory() + work_->outgoing.capacity() +
           (work_->is_sending ? below_->unsent() : 0);
}

void channel_core::count_memory(bool is_torn) noexcept {
    const std::size_t received = work_->input.capacity() + work_->decoding.memory();
    const std::size_t queued = work_->is_sending ? work_->outgoing.capacity() + below_->unsent() : 0;
    if (is_torn) return work_->held.hold(received, queued);
    work_->held.hold(0, received + queued);
}

void channel_core::fit_memory() {
    const std::size_t held = work_->decoding.held();
    const auto missing = static_cast<std::size_t>(work_->decoding.missing());
    // Where only the end tells how long it is, it may be as much again; and what there is goes on until it is nearly full.
    const std::size_t wanted = held + (missing != 0 ? missing : held);
    const std::size_t needed = missing != 0 ? wanted : held + std::min(held, decoder::least_room);
    const bool is_much = work_->decoding.memory() > std::max(kept_bytes, most_part * wanted);
    const bool is_little = held + missing > kept_bytes && work_->decoding.memory() < needed;
    if (!is_much && !is_little) return;
    buffer other;
    if (wanted != 0) other = here_->spares().take(wanted);
    if (is_much || other.capacity() >= wanted) {
        work_->decoding.swap_memory(other);
    } else if (held != 0 && wanted <= 4 * held) {
        work_->decoding.prepare(wanted - held);
    }
    here_->spares().keep(other);
    if (is_much) work_->decoding.trim(kept_bytes);
}

void channel_core::switch_framing(framing described) {
    busy().decoding.switch_to(described);
    work_->quick_until = work_->quick_room = 0;
    terms_ = std::make_shared<channel_terms>(std::move(described), limits());
}

// Receiving.

bool channel_core::begin_receive_slowly() {
    WEIR_CHECK(!frame_, "two receives at once on one channel: a channel has one reader");
    channel_work& now = busy();
    now.quick_until = 0;
    now.views.renew();
    if (has_ended() && !now.has_event) now.input.give_back();
    now.is_late = false;
    now.is_cancelled = false;
    skip_unwaited();
    if (now.is_asked && in_gap() && here_->now() >= later(now.came, described().fields().gap)) now.decoding.gap();
    return advance() && !over_budget();
}

// Behind a message of this turn that was taken the quick way: what came was no such one.
bool channel_core::go_on_receiving() {
    work_->quick_until = 0;
    work_->is_late = false;
    work_->is_cancelled = false;
    skip_unwaited();
    return settle_event() && advance() && !over_budget();
}

// Only the time in which somebody waits counts.
void channel_core::skip_unwaited() noexcept {
    const duration away = here_->now() - std::exchange(work_->unwaited, here_->now());
    opened_ += away;
    work_->begun += away;
    active_ += away;
}

// True when there is a message, a piece or an ending to be taken.
bool channel_core::advance() {
    while (!work_->has_event && !has_ended()) {
        work_->event = work_->decoding.next();
        if (!settle_event()) return false;
    }
    return true;
}

// False: nothing can be told yet, more is asked for or is not wanted now.
bool channel_core::settle_event() {
    switch (work_->event.what) {
        case decoder::message:
        case decoder::piece: work_->has_event = true; break;
        case decoder::skipped: ++figures_.messages_skipped; break;
        case decoder::end: end(error(errc::closed)); break;
        case decoder::failed: end(work_->decoding.failure().during({}, {})); break;
        case decoder::more:
            work_->input.give_back();
            fit_memory();
            count_memory(!work_->decoding.at_boundary());
            if (work_->decoding.at_boundary()) {
                work_->has_begun = false;
            } else if (!std::exchange(work_->has_begun, true)) {
                work_->begun = here_->now();
            }
            if (work_->is_draining && work_->has_drained && work_->decoding.at_boundary()) {
                end_drained();
                break;
            }
            if (waits_ && over_budget()) {
                if (!work_->at_turn_end.is_listed())
                    here_->make_ready(work_->at_turn_end);  // goes on when others have had their turn
                return false;
            }
            if (!ask()) return false;
            break;
    }
    return true;
}

// True when something came at once.
bool channel_core::ask() {
    if (work_->is_asked || !work_->held.may_receive()) return false;
    if (auto came = below_->receive()) {
        take(std::move(*came));
        return true;
    }
    work_->is_asked = true;
    if (work_->torn_bytes != 0) fit_memory();
    if (work_->is_draining && work_->drained == time_point()) work_->drained = later(here_->now(), drain_grace);
    return false;
}

// After a large message the next one is, and has its place from the beginning.
std::span<std::byte> channel_core::room() noexcept {
    if (work_ == nullptr || work_->now_in != phase::open || has_ended()) return {};
    if (work_->torn_bytes != 0 && work_->decoding.memory() == 0) {
        buffer other = here_->spares().take(work_->torn_bytes + kept_bytes);  // it may be a little longer
        if (other.capacity() == 0) other = here_->spares().take(work_->torn_bytes);
        work_->decoding.swap_memory(other);
    }
    return work_->decoding.room(work_->torn_bytes);
}

void channel_core::received(arrival came) noexcept {
    busy().is_asked = false;
    take(std::move(came));
    if (work_->now_in != phase::open) return flush_at_turn_end();
    if (!waits_) return;
    tell_receiver();
    rest_if_idle();
}

void channel_core::take(arrival came) {
    work_->came = here_->now();
    const std::size_t count = came.bytes.size() + came.in_room;
    figures_.bytes_received += count;
    work_->bytes_this_turn += count;
    work_->has_input_ended = came.ends();
    if (work_->now_in != phase::open || has_ended()) {
        work_->dropped += count;
    } else if (!came.how.good()) {
        end(came.how.during({}, {}));
        if (came.how.code != errc::truncated) sending_failed(came.how);  // the connection is gone, both ways
    } else if (work_->has_input_ended && work_->send_was_reset) {
        end(error(errc::reset));
    } else if (work_->has_input_ended) {
        work_->decoding.finish();
    } else {
        active_ = work_->came;
        if (work_->is_draining && work_->drained != time_point())
            work_->has_drained = true;  // the first that was waited for
        if (came.in_room != 0) {
            work_->decoding.collected(came.in_room);
        } else {
            work_->input = std::move(came.bytes);
            work_->decoding.feed(work_->input.view());
        }
        count_memory(work_->held.is_torn());
    }
}

result<message> channel_core::take_message_slowly() {
    if (std::exchange(work_->is_cancelled, false)) return error(errc::cancelled, "receive", peer_.to_string());
    if (!work_->has_event) {
        if (has_ended()) return ending();
        WEIR_CHECK(work_->is_late, "a receive was resumed with nothing to give");
        return error(errc::timed_out, "receive", peer_.to_string());
    }
    work_->has_event = false;
    auto part = message::part::whole;
    if (work_->event.what == decoder::piece)
        part = work_->event.last ? message::part::last_piece : message::part::piece;
    if (part != message::part::piece) {
        ++figures_.messages_received;
        work_->has_begun = false;
    }
    ++work_->taken;
    if (work_->held.is_torn()) count_memory(false);  // it is whole
    work_->torn_bytes = work_->decoding.taken() > kept_bytes ? work_->decoding.taken() : 0;
    const bytes_view payload = isolate(work_->event.payload, work_->isolated);
    const bool is_usual = part == message::part::whole && work_->torn_bytes == 0 && work_->isolated == nullptr;
    if (is_usual && !has_ended() && !over_budget()) work_->quick_until = work_->taken_until;
    return message(payload, lease::stamp(work_->views), part);
}

const error& channel_core::ending() const { return in_full(&channel_work::ending, "receive"); }

// While there is none it is one that outlives the work.
const error& channel_core::in_full(error channel_work::* which, const char* operation) const {
    static const error none(errc::none);
    if (work_ == nullptr || (*work_).*which == errc::none) return none;
    error& one = (*work_).*which;
    if (one.operation().empty()) one = one.during(operation, peer_.to_string());
    return one;
}

bool channel_core::over_budget() noexcept {
    if (std::exchange(work_->turn, here_->turns()) != here_->turns()) {
        work_->taken_until = work_->taken + most_messages_a_turn;
        work_->bytes_this_turn = 0;
    }
    return work_->taken >= work_->taken_until || work_->bytes_this_turn >= most_bytes_a_turn;
}

void channel_core::drain() {
    busy().is_draining = true;
    if (work_->is_asked) work_->drained = later(here_->now(), drain_grace);
    set_clock();
}

}  // namespace weir
