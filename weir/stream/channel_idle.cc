// When a channel is idle, and which task waits in its receive().
#include <string>
#include <utility>

#include "weir/base/check.h"
#include "weir/stream/channel_core.h"

namespace weir {

using internal::close_state;
using internal::input_state;
using internal::receive_answer;
using internal::sender_state;
using internal::waiter_state;

// The work, and who keeps it.

channel_work::channel_work(byte_budget& budget, const framing& described)
    : decoding(described), held(*this, budget), at_turn_end(*this, &channel_core::end_turn),
      resumption(*this, &channel_core::resume_receiver), dying(*this, &channel_core::die) {}

void channel_work::step::run() { (of_.core->*what_)(); }

void channel_work::memory::resume() noexcept { of_.core->memory_came(); }
std::optional<time_point> channel_work::memory::peer_moved() noexcept { return of_.core->peer_moved(); }
void channel_work::memory::evict() noexcept { of_.core->evict(); }

channel_terms::channel_terms(framing described, const channel_limits& limited_by)
    : encode(std::move(described)), limits(limited_by), here_(loop::current()) {
    reserve_ = std::make_unique<channel_work>(here_->budget(), encode.described());
    WEIR_CHECK(limits.problem().empty(), "channel_limits: " + std::string(limits.problem()));
}

std::unique_ptr<channel_work> channel_terms::take_work() noexcept {
    if (spare_works_ == nullptr) {
        try {
            auto made = std::make_unique<channel_work>(here_->budget(), encode.described());
            if (starving_ != nullptr && !relief_.is_listed()) here_->make_ready(relief_);  // there is memory again
            return made;
        } catch (const std::bad_alloc&) {
            return std::move(reserve_);
        }
    }
    --spare_count_;
    std::unique_ptr<channel_work> first = std::move(spare_works_);
    spare_works_ = std::move(first->next_spare);
    return first;
}

void channel_terms::keep_work(std::unique_ptr<channel_work> one) noexcept {
    if (reserve_ == nullptr) {
        reserve_ = std::move(one);
        if (starving_ != nullptr && !relief_.is_listed()) here_->make_ready(relief_);
        return;
    }
    if (spare_count_ == most_spare_works) return;
    ++spare_count_;
    one->next_spare = std::move(spare_works_);
    spare_works_ = std::move(one);
}

void channel_terms::starve(channel_core& one) noexcept {
    one.next_starving_ = std::exchange(starving_, &one);
    if (!relief_.is_listed()) here_->make_ready(relief_);
}

void channel_terms::no_longer_starves(channel_core& one) noexcept {
    channel_core** at = &starving_;
    while (*at != &one) at = &(*at)->next_starving_;
    *at = std::exchange(one.next_starving_, nullptr);
}

// Those that still find none are tried again when one comes back, or another one is made.
void channel_terms::relieve() noexcept {
    while (starving_ != nullptr) {
        channel_core& first = *starving_;
        static_cast<void>(first.busy_or_starve());
        if (starving_ == &first) break;
    }
    if (starving_ != nullptr && reserve_ != nullptr && !relief_.is_listed()) here_->make_ready(relief_);
}

// Resting.

void channel_core::wake() {
    auto taken = terms_->take_work();
    if (taken == nullptr) throw std::bad_alloc();
    work_ = std::move(taken);
    work_->core = this;
    decoder_memory::continue_at(work_->decoding, stats_.bytes_received);
    work_->taken_until = most_messages_a_turn;
    if (waits()) work_->input_is = input_state::reading;
    work_->unwaited = opened_;
    if (!starves_) return;
    starves_ = false;
    terms_->no_longer_starves(*this);
    work_->input_is = input_state::reading;  // whether it is or not, it is not asked again
    lack_memory();
    if (handles_ == 0) begin_close();
}

channel_work* channel_core::busy_or_starve() noexcept {
    if (work_ != nullptr) return work_.get();
    try {
        wake();
        return work_.get();
    } catch (const std::bad_alloc&) {
        if (!std::exchange(starves_, true)) terms_->starve(*this);
        return nullptr;
    }
}

void channel_core::lack_memory() noexcept {
    if (busy_or_starve() == nullptr) return;
    if (!has_ended()) end(error(errc::no_memory));
    fail_sending(error(errc::no_memory));
    work_->held.unpromise();
    if (waits()) answer_receiver();
    if (!work_->closing.is_open()) flush_at_turn_end();  // where it dies
}

bool channel_core::has_nothing_to_do() const noexcept {
    const channel_work& now = *work_;
    const bool is_waiting = waits() && is_reading() && !now.held.is_waiting() && now.answer == receive_answer::event;
    const bool has_received_all = now.receiving.is_scanning() && now.torn_bytes == 0 && now.decoding.at_boundary();
    const bool has_sent_all = now.outgoing.empty() && now.sending.now() == sender_state::value::idle &&
                              now.pace == duration{} && now.next_send <= here_->now() && now.has_no_line();
    return is_waiting && has_received_all && has_sent_all && now.closing.now() == close_state::value::open;
}

// Where nobody shares the terms nobody could use the work.
void channel_core::idle_if_done() noexcept {
    if (work_ == nullptr || terms_.use_count() == 1 || !has_nothing_to_do()) return;
    give_work_back();
}

// As it was made.
void channel_core::give_work_back() noexcept {
    channel_work& now = *work_;
    WEIR_CHECK(now.has_no_line() && !now.resumption.is_listed() && !now.dying.is_listed(),
               "a channel's work is given back while something waits in it");
    now.at_turn_end.end();
    here_->spares().keep(now.outgoing);
    now.isolated.reset();
    if (decoder_memory::allocated(now.decoding) > channel_work::kept_bytes) {
        buffer large;
        decoder_memory::swap(now.decoding, large);
        here_->spares().keep(large);
        decoder_memory::trim(now.decoding, channel_work::kept_bytes);
    }
    now.held.release();
    now.held.waits_for(byte_budget::wait::budget_alone);
    now.core = nullptr;
    static_cast<channel_moment&>(now) = {};
    terms_->keep_work(std::move(work_));
}

// Who waits.

void channel_core::begin_waiting() {
    if (!work_->receiving.is_scanning()) {
        waiting_ = waiter_state::resuming;
        return here_->make_ready(work_->resumption);
    }
    waiting_ = waiter_state::parked;
    const bool done = survive([this] {
        set_clock();
        flush();  // whatever answers what came has been sent by now
    });
    if (done) idle_if_done();
}

// If there is something to tell.
void channel_core::tell_receiver() {
    if (!advance()) return set_clock();
    answer_receiver();
}

void channel_core::answer_receiver() noexcept {
    if (!waits()) return;  // what it would be told has ended it already
    wait_no_more();
    here_->make_ready(work_->resumption);
}

void channel_core::wait_no_more() noexcept {
    channel_work* const now = busy_or_starve();  // as it waits
    if (now != nullptr) now->unwaited = here_->now();
    waiting_ = waiter_state::resuming;
}

void channel_core::resume_receiver() {
    check_invariants();
    waiting_ = waiter_state::nobody;
    std::exchange(waiter_, nullptr)->chain().leave();
    trampoline::run(std::exchange(frame_, nullptr));
}

void channel_core::cancel_wait() noexcept {
    channel_work* const now = busy_or_starve();
    if (now == nullptr) return;  // it is answered when it ends
    now->answer = receive_answer::cancelled;
    if (waits()) answer_receiver();  // else it is resumed already
}

void channel_core::leave_waiting() noexcept {
    std::exchange(waiter_, nullptr)->chain().leave();
    frame_ = nullptr;
    if (waits()) wait_no_more();
    waiting_ = waiter_state::nobody;
    if (work_ != nullptr) work_->resumption.end();
}

}  // namespace weir
