// Decides when a channel is idle and when it has a channel_work. Parks and resumes the task in receive().
#include <utility>

#include "weir/base/check.h"
#include "weir/stream/internal/channel/channel_core.h"

namespace weir::internal {

void channel_core::take_work() {
    auto taken = terms_->pool.take(*this, described(), stats_);
    if (taken == nullptr) throw std::bad_alloc();
    work_ = std::move(taken);
    if (task_.waits()) work_->receiver.submitted();
    work_->receiver.stop_clocks(opened_);  // for a new channel: its time limits begin at its first receive()
    if (!lacks_work_) return;
    lacks_work_ = false;
    terms_->pool.has_work(*this);
    work_->receiver.submitted();  // so that no receive is submitted again
    end_without_memory();
    if (handle_count_ == 0) begin_close();
}

channel_work* channel_core::try_work() noexcept {
    if (work_ != nullptr) return work_.get();
    try {
        take_work();
        return work_.get();
    } catch (const std::bad_alloc&) {
        if (!std::exchange(lacks_work_, true)) terms_->pool.wait_for_work(*this);
        return nullptr;
    }
}

void channel_core::end_without_memory() noexcept {
    if (try_work() == nullptr) return;
    if (!work_->receiver.has_ended()) end(error(errc::no_memory));
    fail_sending(error(errc::no_memory));
    work_->memory.unpromise();
    resume_reader_soon();
    if (work_->close.is_closing()) schedule_end_turn();  // end_turn() ends the close
}

// Called several times for each message, so the conditions that fail most often come first.
bool channel_core::has_nothing_to_do() const noexcept {
    const channel_work& now = *work_;
    const channel_receiver& in = now.receiver;
    const channel_sender& out = now.sender;
    if (!task_.waits() || !in.is_reading()) return false;
    const bool has_sent_all = out.queue().empty() && out.now() == channel_sender::state::idle && !out.is_paced() &&
                              out.next_send() <= here_->now() && out.has_no_line();
    if (!has_sent_all) return false;
    const bool has_received_all = in.is_scanning() && !in.expects_large() && in.at_boundary();
    return has_received_all && in.why_resumed() == resume_reason::event && !now.memory.is_waiting() &&
           now.close.now() == channel_close::state::open;
}

void channel_core::idle_if_done() noexcept {
    if (work_ == nullptr || !has_nothing_to_do()) return;
    give_back_work();
}

void channel_core::give_back_work() noexcept {
    count_traffic();
    connection_counters& all = counters();
    all.held_bytes.subtract(work_->memory.held());
    all.queued_bytes.subtract(work_->counted_queue);
    work_->recycle(here_->spares());
    terms_->pool.keep(std::move(work_));
}

// The task in receive().

void channel_core::begin_waiting() {
    if (!work_->receiver.is_scanning()) {
        task_.resume_later();
        return here_->make_ready(work_->resumption);
    }
    const bool done = try_step([this] {
        set_clock();
        submit_output();  // the replies to everything that arrived have been queued by now
    });
    if (done) idle_if_done();
    if (work_ != nullptr) count_traffic();
}

// Resumes the task if it has something to take.
void channel_core::resume_reader_if_ready() {
    if (!advance()) return set_clock();
    resume_reader_soon();
}

void channel_core::resume_reader_soon() noexcept {
    if (!task_.waits()) return;  // the task is resumed already
    stop_waiting();
    here_->make_ready(work_->resumption);
}

void channel_core::stop_waiting() noexcept {
    channel_work* const now = try_work();  // before resume_later(): take_work() depends on whether the task waits
    if (now != nullptr) now->receiver.stop_clocks(here_->now());
    task_.resume_later();
}

void channel_core::resume_reader() {
    check_invariants();
    trampoline::run(task_.leave());
    if (work_ != nullptr && task_.is_empty()) count_traffic();  // the task waits for something else now
}

void channel_core::cancel_wait() noexcept {
    channel_work* const now = try_work();
    if (now == nullptr) return;  // the task is resumed when the channel ends
    now->receiver.set_resume_reason(resume_reason::cancelled);
    resume_reader_soon();  // does nothing if the task is resuming already
}

void channel_core::leave_waiting() noexcept {
    if (task_.waits()) stop_waiting();
    static_cast<void>(task_.leave());
    if (work_ != nullptr) work_->resumption.end();
}

}  // namespace weir::internal
