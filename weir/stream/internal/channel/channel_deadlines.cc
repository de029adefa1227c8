// The time limits of a channel. The channel has one timer, which is set for the limit that expires first.
//
//     limit                    begins                                              passes by
//     receive(until)           reader_task::until                                  delivered_until()
//     first_message            opened_                                             delivered_until()
//     whole_message            channel_receiver::begun_at(), of a partial message  delivered_until()
//     idle                     active_                                             delivered_until()
//     grace                    channel_close::until(), after stop()                delivered_until()
//     gap (framing `idle`)     channel_receiver::came_at()                         delivered_until()
//     stalled_send             stall_watch::next_look(), while a send waits        now()
//     pace                     channel_sender::next_send()                         now()
//     linger_time              channel_close::until(), while draining              now()
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "weir/base/text.h"
#include "weir/stream/internal/channel/channel_core.h"

namespace weir::internal {
namespace {

error too_slow(const char* what, duration limit) {
    return error(errc::timed_out, {}, {}, std::string("timed out: ") + what + " within " + format_duration(limit));
}

}  // namespace

// Calls `visit` with each receive limit that applies now and with the time at which it expires. The limits apply only
// while a task waits for bytes. The caller acts on the first limit that has expired.
template <class Visit>
void channel_core::each_receive_limit(Visit visit) const {
    if (!task_.waits() || !waits_for_bytes()) return;
    const channel_receiver& in = work_->receiver;
    const auto add = [&](receive_limit which, time_point from, const std::optional<duration>& limit) {
        if (limit) visit(which, later(from, *limit), *limit);
    };
    if (waits_for_first()) add(receive_limit::first_message, opened_, limits().first_message);
    if (in.has_begun()) add(receive_limit::whole_message, in.begun_at(), limits().whole_message);
    add(receive_limit::idle, active_, limits().idle);
    if (work_->close.is_stopping() && in.at_boundary()) visit(receive_limit::grace, work_->close.until(), duration{});
    if (in.is_in_gap()) add(receive_limit::gap, in.came_at(), described().fields().gap);
}

// A closing channel always has a limit, the default one if limits() has none.
std::optional<duration> channel_core::stall_limit() const noexcept {
    return !work_->close.is_closing() || limits().stalled_send ? limits().stalled_send : channel_limits().stalled_send;
}

deadline channel_core::due() const noexcept {
    const channel_sender& out = work_->sender;
    deadline first = task_.waits() ? task_.until : deadline();
    const auto sooner = [&](time_point at) { first = std::min(first, deadline(at)); };
    each_receive_limit([&](receive_limit, time_point at, duration) { sooner(at); });
    if (stall_limit() && out.is_sending() && !out.has_failed()) sooner(out.taken_by_peer().next_look());
    if (here_->now() < out.next_send()) sooner(out.next_send());
    if (work_->close.is_draining()) sooner(work_->close.until());
    return first;
}

// Sets the timer for the earliest deadline. When the timer expires, expire() sets it for the next deadline.
void channel_core::set_clock() {
    const deadline next = due();
    if (next.is_never() || (is_set() && time_set() <= next.at())) return;
    here_->timers().set(*this, next.at());
}

void channel_core::expire() {
    if (try_work() == nullptr) return;
    check_invariants();
    const time_point now = here_->now();
    bool done = try_step([&] {
        check_sending(now);
        if (!work_->close.is_closing()) check_receiving(here_->delivered_until());
    });
    if (!work_->close.is_closing()) {
        next_sender();
    } else if (below_ == nullptr || work_->sender.has_failed()) {
        return finish_close();
    } else if (work_->close.is_draining() && now >= work_->close.until()) {
        hit(limit_kind::linger);
        return finish_close();
    }
    done = try_step([this] { set_clock(); }) && done;
    if (done) idle_if_done();
}

void channel_core::check_receiving(time_point delivered_until) {
    if (!task_.waits()) return;
    std::optional<receive_limit> over;
    duration limit{};
    each_receive_limit([&](receive_limit which, time_point at, duration its) {
        if (over || delivered_until < at) return;
        over = which;
        limit = its;
    });
    if (over) {
        switch (*over) {
            case receive_limit::first_message:
                hit(limit_kind::first_message);
                end(too_slow("no first message arrived", limit));
                break;
            case receive_limit::whole_message:
                hit(limit_kind::whole_message);
                end(too_slow("a message that had begun was not complete", limit));
                break;
            case receive_limit::idle:
                hit(limit_kind::idle);
                end(too_slow("no bytes were received or sent", limit));
                break;
            case receive_limit::grace: end_stopped(); break;
            case receive_limit::gap: work_->receiver.gap(); break;
        }
    }
    const bool is_late = task_.until.passed(delivered_until);
    work_->receiver.set_resume_reason(is_late ? resume_reason::timed_out : resume_reason::event);
    if (!advance() && !is_late) return;
    resume_reader_soon();
}

void channel_core::check_sending(time_point now) {
    channel_sender& out = work_->sender;
    const auto limit = stall_limit();
    if (!out.is_sending() || out.has_failed() || !limit) return;
    if (now < out.taken_by_peer().next_look()) return;
    const auto seen = out.taken_by_peer().look(below_->untaken(), now, *limit);
    if (seen == stall_watch::verdict::moves) active_ = now;
    if (seen != stall_watch::verdict::stalled) return;
    hit(limit_kind::stalled_send);
    abort(too_slow("the peer took none of the sent bytes", *limit));
}

}  // namespace weir::internal
