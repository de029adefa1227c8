// The close of a channel, and its abort.
#include <utility>

#include "weir/stream/internal/channel/channel_core.h"
#include "weir/stream/internal/channel/detach_awaiter.h"

namespace weir::internal {

void channel_core::abort(error why) {
    if (below_ == nullptr || try_work() == nullptr) return;
    check_invariants();
    channel_receiver& in = work_->receiver;
    in.leave_fast_path();
    if (!in.has_ended()) end(why);
    in.drop_held();
    below_.release()->close(true);
    fail_sending(std::move(why));
    if (is_halting()) std::exchange(work_->halting, nullptr)->complete();
    forget_stream();
}

// Call it when the stream was closed or given away: no operation completes any more.
void channel_core::forget_stream() {
    work_->receiver.input_ended();
    work_->sender.abort();
    work_->memory.waits_for(byte_budget::wait::budget_alone);
    work_->memory.unpromise();
    count_memory();
    resume_reader_soon();
    if (work_->close.is_closing()) schedule_end_turn();  // end_turn() then finishes the close
}

// The close, after the last handle was destroyed.

void channel_core::begin_close() {
    check_invariants();
    if (try_work() == nullptr || work_->close.is_closing()) return;  // without memory take_work() calls this later
    work_->receiver.drop_all();
    work_->memory.unpromise();
    count_memory();
    work_->close.begin();
    here_->add_closing(work_->closing);
    schedule_end_turn();
}

void channel_core::continue_close() {
    check_invariants();
    if (below_ == nullptr) return finish_close();
    try_step([this] { send_and_drain(); });
    const bool is_over = is_drained();
    if (is_over && !work_->receiver.has_input_ended()) hit(limit_kind::linger);
    if (is_over || work_->sender.has_failed()) finish_close();
}

void channel_core::send_and_drain() {
    submit_output();
    channel_sender& out = work_->sender;
    if (out.has_failed()) return;
    if (!out.is_sending() && out.queue().empty() && !work_->close.is_draining()) {
        work_->close.drain(limits().linger_time ? later(here_->now(), *limits().linger_time) : time_point::max());
        if (!out.has_shut_down() && !shut_down()) {
            out.set_failed();
            return;
        }
    }
    drop_input();  // even while the queue is sent: a peer may read only after it has sent everything
    if (!is_drained()) set_clock();
}

bool channel_core::is_drained() const noexcept {
    return work_->close.is_draining() && !work_->sender.is_sending() &&
           (work_->receiver.has_input_ended() || work_->close.has_dropped_enough(limits()));
}

void channel_core::drop_input() {
    channel_receiver& in = work_->receiver;
    while (in.can_submit() && !work_->close.has_dropped_enough(limits())) {
        if (has_used_turn()) {  // a peer may send faster than input is dropped
            if (!work_->at_turn_end.is_listed()) here_->make_ready(work_->at_turn_end);
            return;
        }
        if (auto came = below_->receive()) {
            process(std::move(*came));
        } else {
            in.submitted();
        }
    }
}

void channel_core::finish_close() {
    unset();
    work_->closing.end();
    const bool resets = work_->sender.has_failed() && !(work_->sender.failure() == errc::reset);
    if (below_ != nullptr) below_.release()->close(resets);
    count_traffic();
    owner_.channel_closed(*this);
    give_back_work();
    owner_.release(*this);
}

}  // namespace weir::internal
