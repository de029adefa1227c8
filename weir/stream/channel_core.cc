#include "weir/stream/channel_core.h"

#include <utility>

#include "weir/base/check.h"
#include "weir/stream/isolate.h"

namespace weir {

using internal::close_state;
using internal::input_state;
using internal::receive_answer;

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
    begin_close();
}

result<void> channel_core::switch_framing(framing described) {
    channel_work& now = busy();
    const bool may_switch = now.decoding.may_switch();
    if (!may_switch && !has_ended()) {
        return error(errc::too_large, "switch framing", peer_.to_string(),
                     "a message over the limit has begun and not ended: receive() until it has");
    }
    auto terms = std::make_shared<channel_terms>(described, limits());
    if (may_switch) now.decoding.switch_to(std::move(described));
    now.quick_until = now.quick_room = 0;
    terms_ = std::move(terms);
    if (waits()) tell_receiver();  // what has come may be a message now
    return {};
}

// Receiving.

bool channel_core::begin_receive_slowly() {
    check_invariants();
    WEIR_CHECK(!frame_, "two receives at once on one channel: a channel has one reader");
    channel_work& now = busy();
    now.quick_until = 0;
    now.views.renew();
    if (has_ended() && !now.receiving.is_holding()) now.input.give_back();
    now.answer = receive_answer::event;
    skip_unwaited();
    if (is_reading() && in_gap() && here_->now() >= later(now.came, described().fields().gap)) now.decoding.gap();
    return advance() && !over_budget();
}

// Behind a message of this turn that was taken the quick way: what came was no such one.
bool channel_core::go_on_receiving() {
    work_->quick_until = 0;
    work_->answer = receive_answer::event;
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
    while (work_->receiving.is_scanning()) {
        work_->event = work_->decoding.next();
        if (!settle_event()) return false;
    }
    return true;
}

// False: nothing can be told yet, more is asked for or is not wanted now.
bool channel_core::settle_event() {
    switch (work_->event.what) {
        case decoder::message:
        case decoder::piece: work_->receiving.decoded(); break;
        case decoder::skipped:
            ++stats_.messages_skipped;
            work_->has_begun = false;
            break;
        case decoder::end: end(error(errc::closed)); break;
        case decoder::failed: end(work_->decoding.failure().during({}, {})); break;
        case decoder::more:
            work_->input.give_back();
            fit_memory();
            count_memory();
            if (work_->decoding.at_boundary()) {
                work_->has_begun = false;
            } else if (!std::exchange(work_->has_begun, true)) {
                work_->begun = here_->now();
            }
            if (work_->closing.now() == close_state::value::last_input && work_->decoding.at_boundary()) {
                end_drained();
                break;
            }
            if (waits() && over_budget()) {
                if (!work_->at_turn_end.is_listed())
                    here_->make_ready(work_->at_turn_end);  // goes on when others have had their turn
                return false;
            }
            if (!ask()) return has_ended();
            break;
    }
    return true;
}

// True when something came at once.
bool channel_core::ask() {
    if (is_reading() || !may_receive()) return false;
    if (auto came = below_->receive()) {
        take(std::move(*came));
        return true;
    }
    work_->input_is = input_state::reading;
    if (work_->torn_bytes != 0) fit_memory();
    if (work_->closing.wait()) work_->grace_until = later(here_->now(), drain_grace);
    return false;
}

void channel_core::received(arrival came) noexcept {
    channel_work* const now = busy_or_starve();
    if (now == nullptr) return;
    check_invariants();
    now->input_is = input_state::open;
    const bool done = survive([&] {
        take(std::move(came));
        if (work_->closing.is_open() && waits()) tell_receiver();
    });
    if (!done) return;
    if (!work_->closing.is_open()) return flush_at_turn_end();
    idle_if_done();
}

void channel_core::take(arrival came) {
    work_->came = here_->now();
    const std::size_t count = came.bytes.size() + came.in_room;
    stats_.bytes_received += count;
    work_->bytes_this_turn += count;
    if (came.ends()) work_->input_is = input_state::ended;
    if (!work_->closing.is_open() || has_ended()) {
        work_->dropped += count;
    } else if (!came.how.good()) {
        end(came.how.during({}, {}));
        if (came.how.code != errc::truncated) sending_failed(came.how);  // the connection is gone, both ways
    } else if (came.ends() && work_->failure == errc::reset) {
        end(error(errc::reset));
    } else if (came.ends()) {
        work_->decoding.finish();
    } else {
        active_ = work_->came;
        work_->closing.received();
        if (came.in_room != 0) {
            decoder_memory::collected(work_->decoding, came.in_room);
        } else {
            work_->input = std::move(came.bytes);
            work_->decoding.feed(work_->input.view());
        }
        count_memory();
    }
}

result<message> channel_core::take_message_safely() try {
    return take_message_slowly();
} catch (const std::bad_alloc&) {
    lack_memory();
    return error(errc::no_memory);
}

result<message> channel_core::take_message_slowly() {
    if (work_ == nullptr) return error(errc::no_memory);
    check_invariants();
    const auto answer = std::exchange(work_->answer, receive_answer::event);
    if (answer == receive_answer::cancelled) return error(errc::cancelled, "receive", peer_.to_string());
    if (!work_->receiving.is_holding()) {
        if (has_ended()) return close_reason();
        WEIR_CHECK(answer == receive_answer::timed_out, "a receive was resumed with nothing to give");
        return error(errc::timed_out, "receive", peer_.to_string());
    }
    work_->receiving.taken(has_ended());
    auto part = message::part::whole;
    if (work_->event.what == decoder::piece)
        part = work_->event.last ? message::part::last_piece : message::part::piece;
    if (part != message::part::piece) {
        ++stats_.messages_received;
        work_->has_begun = false;
    }
    ++work_->taken;
    if (work_->held.promised() != 0 && part == message::part::whole)
        work_->held.shrink(with_its_answer(work_->event.payload.size()));
    const std::size_t taken = decoder_memory::taken(work_->decoding);
    work_->torn_bytes = taken > kept_bytes ? taken : 0;
    const bytes_view payload = isolate(work_->event.payload, work_->isolated);
    const bool is_usual = part == message::part::whole && work_->torn_bytes == 0 && work_->isolated == nullptr;
    if (is_usual && !has_ended() && !over_budget()) work_->quick_until = work_->taken_until;
    return message(payload, lease::stamp(work_->views), part);
}

const error& channel_core::close_reason() const { return in_full(&channel_work::close_reason, "receive"); }

// While there is none it is one that outlives the work.
const error& channel_core::in_full(error channel_work::* which, const char* operation) const {
    static const error none(errc::none);
    if (work_ == nullptr || (*work_).*which == errc::none) return none;
    error& one = (*work_).*which;
    if (!one.operation().empty()) return one;
    try {
        one = one.during(operation, peer_.to_string());
    } catch (const std::bad_alloc&) {
        return one;  // its code says it
    }
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
    if (busy_or_starve() == nullptr) return;
    check_invariants();
    work_->closing.stop();
    if (is_reading() && work_->closing.wait()) work_->grace_until = later(here_->now(), drain_grace);
    survive([this] { set_clock(); });
}

}  // namespace weir
