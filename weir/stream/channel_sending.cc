// What a channel sends: gathered for a turn, held back at high water, and paced.
#include <cstdint>
#include <utility>

#include "weir/stream/channel.h"

namespace weir {

const error& channel_core::failure() const { return in_full(&channel_work::failure, "send"); }

bool channel_core::can_send(std::size_t payload_bytes) {
    if (busy_or_starve() == nullptr) return true;  // and fails
    if (!(work_->failure == errc::none)) return true;
    if (here_->now() < work_->next_send) {
        set_clock();
        return false;
    }
    return work_->senders.empty() && work_->senders.called() == 0 && find_room() && may_queue(payload_bytes);
}

bool channel_core::find_room() noexcept {
    if (!limits().high_water_bytes) return true;
    const std::size_t bytes = queued();
    if (bytes >= *limits().high_water_bytes) {
        work_->was_high = true;
    } else if (bytes <= limits().low_water_bytes) {
        work_->was_high = false;
    }
    return !work_->was_high;
}

result<void> channel_core::send(bytes_view payload) {
    if (busy_or_starve() == nullptr) return error(errc::no_memory);
    check_invariants();
    if (!(work_->failure == errc::none)) return failure();
    if (work_->outgoing.capacity() == 0) work_->outgoing = here_->spares().take(payload.size() + header_room);
    const std::size_t before = work_->outgoing.size();
    result<void> encoded;
    if (!survive([&] { encoded = terms_->encode.encode(payload, work_->outgoing); })) return failure();
    if (!encoded) {
        flush_at_turn_end();  // it may rest then
        return encoded;
    }
    was_encoded(work_->outgoing.size() - before);
    return {};
}

// What is queued already is put in front, where that is less to be copied.
result<void> channel_core::send_in_place(buffer& payload) {
    busy();
    if (!(work_->failure == errc::none)) return failure();
    if (auto encoded = terms_->encode.encode_in_place(payload); !encoded) {
        flush_at_turn_end();  // it may rest then
        return encoded;
    }
    const std::size_t frame_bytes = payload.size();
    if (work_->outgoing.size() > frame_bytes) {
        work_->outgoing.append(payload.view());
        payload.release();
    } else {
        payload.prepend(work_->outgoing.view());
        work_->outgoing.swap(payload);
        here_->spares().keep(payload);
    }
    was_encoded(frame_bytes);
    return {};
}

void channel_core::was_encoded(std::size_t frame_bytes) {
    ++stats_.messages_sent;
    stats_.bytes_sent += frame_bytes;
    if (work_->pace != duration{}) work_->next_send = later(here_->now(), work_->pace);
    flush_at_turn_end();
    const bool is_usual = !work_->sending.is_sending() && work_->pace == duration{} && work_->next_send <= here_->now();
    const byte_budget& budget = here_->budget();
    const bool is_plenty = budget.used_bytes() <= budget.limit_bytes() / 2;  // else each message asks
    if (is_usual && is_plenty && work_->has_no_line()) work_->quick_room = limits().high_water_bytes.value_or(SIZE_MAX);
}

void channel_core::call_sender() noexcept {
    if (!(work_->failure == errc::none)) return work_->senders.call_all();
    if (here_->now() < work_->next_send) {
        survive([this] { set_clock(); });
        return;
    }
    if (work_->senders.called() != 0) return;  // it calls the next one, when what it sends is counted
    if (find_room() && may_queue(place_in_line::next_payload_bytes(work_->senders))) work_->senders.call();
}

void channel_core::flush_at_turn_end() noexcept {
    if (!work_->at_turn_end.is_listed()) here_->at_turn_end(work_->at_turn_end);
}

void channel_core::end_turn() {
    check_invariants();
    if (!work_->closing.is_open()) return step_away();
    const bool done = survive([this] {
        flush();
        next_sender();
        if (waits() && !is_reading()) tell_receiver();
        // What a sender was promised that is gone.
        const bool is_done = waits() && is_reading() && work_->outgoing.empty() && !work_->sending.is_sending();
        if (is_done && work_->has_no_line() && work_->decoding.at_boundary()) work_->held.unpromise();
    });
    if (done) idle_if_done();
}

void channel_core::flush() {
    work_->quick_room = 0;
    if (work_->sending.is_sending() || work_->outgoing.empty() || work_->sending.has_failed()) return;
    const std::size_t memory = work_->outgoing.capacity();
    if (const auto done = below_->send(work_->outgoing)) {
        if (!done->good()) return sending_failed(*done);
        active_ = here_->now();
        here_->spares().keep(work_->outgoing);
        return was_flushed();
    }
    work_->sending_memory = memory;
    work_->sending.submitted();
    begin_sending();
}

// False when it failed.
bool channel_core::shut_down() {
    const auto done = below_->shutdown_send();
    work_->sending.shut_down(!done);
    if (done) return done->good();
    begin_sending();
    return true;
}

void channel_core::begin_sending() {
    work_->held.waits_for(byte_budget::wait::peer_too);
    active_ = here_->now();
    count_memory();
    const auto stall = stall_limit();
    if (!stall) return;
    work_->taken_by_peer.begin(active_, *stall);
    if (!is_set() || time_set() > work_->taken_by_peer.next_look()) set_clock();
}

void channel_core::sent(outcome how) noexcept {
    check_invariants();
    work_->sending.completed();
    work_->sending_memory = 0;
    work_->held.waits_for(byte_budget::wait::budget_alone);
    active_ = here_->now();
    survive([&] {
        if (!how.good()) {
            sending_failed(how);
        } else if (work_->outgoing.empty()) {
            was_flushed();
        } else if (queued() <= limits().low_water_bytes) {
            next_sender();
        }
    });
    count_memory();
    if (!work_->outgoing.empty() || !work_->closing.is_open()) return flush_at_turn_end();
    if (!work_->sending.has_failed()) idle_if_done();
}

bool channel_core::awaits_sent() const noexcept {
    if (work_ == nullptr) return false;
    const channel_work& now = *work_;
    return !now.closing.is_open() || now.sending.has_ended() || !now.outgoing.empty() || !now.senders.empty() ||
           !now.flushers.empty();
}

// Everything that was sent is with the world.
void channel_core::was_flushed() {
    const auto& held = work_->held;  // what was promised to the answer is not needed any more
    if (held.promised() != 0 && !held.is_waiting() && work_->decoding.at_boundary()) work_->held.unpromise();
    if (work_->sending.is_ending()) static_cast<void>(shut_down());
    work_->flushers.call_all();
    next_sender();
}

void channel_core::sending_failed(outcome how) {
    if (how.code == errc::no_memory) return lack_memory();  // the peer would wait for the rest
    fail_sending(how.during({}, {}));
}

void channel_core::fail_sending(error why) {
    work_->quick_room = 0;
    if (!work_->sending.has_failed()) work_->failure = std::move(why);  // the first one
    work_->sending.fail();
    work_->outgoing.release();
    count_memory();
    work_->flushers.call_all();
    work_->senders.call_all();
}

void channel_core::pace(duration interval) {
    busy().pace = interval;
    work_->quick_room = 0;
    flush_at_turn_end();  // it may rest then
}

void channel_core::shutdown_send() {
    busy().quick_room = 0;
    if (!(work_->failure == errc::none)) return;
    work_->sending.end();
    work_->failure = error(errc::broken_pipe, {}, {}, "this side has ended its sending");
    if (!work_->sending.is_sending() && work_->outgoing.empty()) was_flushed();
    work_->senders.call_all();
}

result<void> channel_core::flushed() {
    if (work_ == nullptr) return {};
    flush_at_turn_end();  // it may rest then
    if (!work_->sending.has_failed()) return {};
    return failure();
}

}  // namespace weir
