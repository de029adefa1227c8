// How a channel sends: messages are gathered for one turn, wait at high water, and are paced.
#include <cstdint>
#include <utility>

#include "weir/stream/internal/channel/channel_awaiters.h"
#include "weir/stream/internal/channel/channel_core.h"
#include "weir/stream/internal/shared_content.h"

namespace weir::internal {

bool channel_core::can_send(std::size_t payload_bytes) {
    if (try_work() == nullptr) return true;  // send() then fails
    channel_sender& out = work_->sender;
    if (!out.is_good()) return true;
    if (here_->now() < out.next_send()) {
        set_clock();
        return false;
    }
    if (!out.has_room(limits(), below_.get())) {
        hit(limit_kind::outgoing_bytes);
        return false;
    }
    return out.is_first_in_line() && may_queue(payload_bytes);
}

result<void> channel_core::send(bytes_view payload) {
    if (try_work() == nullptr) return error(errc::no_memory);
    check_invariants();
    channel_sender& out = work_->sender;
    if (!out.is_good()) return failure();
    out.take_memory(here_->spares(), payload.size());
    const std::size_t before = out.queue().size();
    result<void> encoded;
    if (!try_step([&] { encoded = terms_->encode.encode(payload, out.queue().bytes()); })) return failure();
    return on_encoded(std::move(encoded), out.queue().size() - before);
}

result<void> channel_core::send_shared(const shared_payload& payload) {
    if (try_work() == nullptr) return error(errc::no_memory);
    check_invariants();
    channel_sender& out = work_->sender;
    if (!out.is_good()) return failure();
    out.take_memory(here_->spares(), payload.size() < shared_payload::least_shared_bytes ? payload.size() : 0);
    const std::size_t before = out.queue().size();
    result<void> encoded;
    if (!try_step([&] { encoded = shared_content::append(payload.content(), terms_->encode, out.queue()); }))
        return failure();
    return on_encoded(std::move(encoded), out.queue().size() - before);
}

result<void> channel_core::send_in_place(buffer& payload) {
    if (try_work() == nullptr) return error(errc::no_memory);
    channel_sender& out = work_->sender;
    if (!out.is_good()) return failure();
    result<void> encoded;
    std::size_t frame_bytes = 0;
    const bool done = try_step([&] {
        encoded = terms_->encode.encode_in_place(payload);
        frame_bytes = payload.size();
        if (encoded) out.append_in_place(payload, here_->spares());
    });
    if (!done) return failure();
    return on_encoded(std::move(encoded), frame_bytes);
}

// Call it when a message was queued, or when the encoder has refused it.
result<void> channel_core::on_encoded(result<void> encoded, std::size_t frame_bytes) {
    if (!encoded) {
        schedule_end_turn();  // end_turn() may make the channel idle
        return encoded;
    }
    channel_sender& out = work_->sender;
    ++stats_.messages_sent;
    stats_.bytes_sent += frame_bytes;
    out.paced(here_->now());
    schedule_end_turn();
    const bool is_usual = !out.is_sending() && !out.is_paced() && out.next_send() <= here_->now();
    const byte_budget& budget = here_->budget();
    const bool is_plenty = budget.used_bytes() <= budget.limit_bytes() / 2;  // otherwise each message requests memory
    if (is_usual && is_plenty && out.has_no_line()) out.allow_fast_path(limits().high_water_bytes.value_or(SIZE_MAX));
    return {};
}

void channel_core::call_sender() noexcept {
    channel_sender& out = work_->sender;
    if (!out.is_good()) return out.senders().call_all();
    if (here_->now() < out.next_send()) {
        try_step([this] { set_clock(); });
        return;
    }
    if (out.senders().called() != 0) return;  // that task wakes the next one after its message was counted
    if (out.has_room(limits(), below_.get()) && may_queue(place_in_line::next_payload_bytes(out.senders())))
        out.senders().call();
}

void channel_core::schedule_end_turn() noexcept {
    if (!work_->at_turn_end.is_listed()) here_->at_turn_end(work_->at_turn_end);
}

void channel_core::end_turn() {
    check_invariants();
    if (work_->close.is_closing()) {
        count_traffic();
        return continue_close();
    }
    const bool done = try_step([this] {
        submit_output();
        if (work_->sender.is_sending() && !work_->sender.queue().empty()) count_memory();
        next_sender();
        if (task_.waits() && !work_->receiver.is_reading()) resume_reader_if_ready();
        // Releases memory that was promised to a sender that no longer exists.
        const channel_sender& out = work_->sender;
        const bool is_done = task_.waits() && work_->receiver.is_reading() && out.queue().empty() && !out.is_sending();
        if (is_done && out.has_no_line() && work_->receiver.at_boundary()) work_->memory.unpromise();
    });
    if (done) idle_if_done();
    if (work_ != nullptr) count_traffic();
}

void channel_core::submit_output() {
    channel_sender& out = work_->sender;
    const bool was_sending = out.is_sending();
    if (const auto done = out.submit(below_.get())) {
        if (!done->good()) return sending_failed(*done);
        active_ = here_->now();
        here_->spares().keep(out.queue().bytes());
        return on_queue_sent();
    }
    if (!was_sending && out.is_sending()) begin_sending();
}

// Returns false when the stream failed.
bool channel_core::shut_down() {
    const auto done = below_->shutdown_send();
    work_->sender.shut_down(!done);
    if (done) return done->good();
    begin_sending();
    return true;
}

void channel_core::begin_sending() {
    work_->memory.waits_for(byte_budget::wait::peer_too);
    active_ = here_->now();
    count_memory();
    const auto stall = stall_limit();
    if (!stall) return;
    stall_watch& taken = work_->sender.taken_by_peer();
    taken.begin(active_, *stall);
    if (!is_set() || time_set() > taken.next_look()) set_clock();
}

void channel_core::on_sent(outcome how) noexcept {
    check_invariants();
    channel_sender& out = work_->sender;
    out.completed();
    work_->memory.waits_for(byte_budget::wait::budget_alone);
    active_ = here_->now();
    try_step([&] {
        if (!how.good()) {
            sending_failed(how);
        } else if (out.queue().empty()) {
            on_queue_sent();
        } else if (queued() <= limits().low_water_bytes) {
            next_sender();
        }
    });
    count_memory();
    if (!out.queue().empty() || work_->close.is_closing()) return schedule_end_turn();
    if (!out.has_failed()) idle_if_done();
}

bool channel_core::awaits_sent() const noexcept {
    return work_ != nullptr && (work_->close.is_closing() || work_->sender.awaits_sent());
}

// Called when the kernel has everything that was sent.
void channel_core::on_queue_sent() {
    // The memory that was promised for the reply is not needed any more.
    auto& memory = work_->memory;
    if (memory.promised() != 0 && !memory.is_waiting() && work_->receiver.at_boundary()) memory.unpromise();
    if (work_->sender.is_finishing()) static_cast<void>(shut_down());
    work_->sender.flushers().call_all();
    next_sender();
}

void channel_core::sending_failed(outcome how) {
    if (how.code == errc::no_memory)
        return end_without_memory();  // otherwise the peer would wait for the remaining bytes
    fail_sending(explained(how));
}

void channel_core::fail_sending(error why) {
    work_->sender.fail(std::move(why));
    count_memory();
    work_->sender.call_all();
}

void channel_core::pace(duration interval) {
    work().sender.pace(interval);
    schedule_end_turn();  // end_turn() may make the channel idle
}

void channel_core::shutdown_send() {
    channel_sender& out = work().sender;
    out.leave_fast_path();
    if (!out.is_good()) return;
    out.end(error(errc::broken_pipe, {}, {}, "this side has shut down sending"));
    if (!out.is_sending() && out.queue().empty()) on_queue_sent();
    out.senders().call_all();
}

result<void> channel_core::flushed() {
    if (work_ == nullptr) return {};
    schedule_end_turn();  // end_turn() may make the channel idle
    if (!work_->sender.has_failed()) return {};
    return failure();
}

}  // namespace weir::internal
