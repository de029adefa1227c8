// How a channel gives its stream away, continues on one that was given away, and puts its stream below wrappers.
#include <memory>
#include <new>
#include <string>
#include <utility>

#include "weir/stream/internal/channel/channel_core.h"
#include "weir/stream/internal/channel/detach_awaiter.h"
#include "weir/stream/internal/wrap_all.h"
#include "weir/stream/internal/wrapping_stream.h"

namespace weir::internal {

bool detach_awaiter::completes_at_once() noexcept {
    try {
        if (auto begun = of_.begin_halt(*this); !begun) {
            why_ = begun.error();
            return true;
        }
    } catch (const std::bad_alloc&) {
        why_ = error(errc::no_memory);
        return true;
    }
    state_ = state::begun;
    return !of_.is_halting();
}

result<owned_stream> detach_awaiter::await_resume() {
    if (state_ == state::refused) return why_.during("detach", of_.peer().to_string());
    if (!is_cancelled()) return of_.finish_halt(*this);
    of_.abandon_halt();
    return error(errc::cancelled, "detach", of_.peer().to_string());
}

// Returns an error unless the connection is intact and it is known exactly which bytes were not received.
result<void> channel_core::check_detachable() {
    WEIR_CHECK(!is_halting(), "two detaches at once on one channel");
    const channel_work& now = work();
    if (below_ == nullptr || now.sender.has_failed()) return failure();
    // After stop() receiving has ended with `cancelled`, at a message boundary.
    const errc why = now.receiver.close_reason().code();
    if (why != errc::none && why != errc::closed && why != errc::cancelled) return now.receiver.close_reason();
    if (now.sender.is_finishing())
        return error(errc::broken_pipe, {}, {},
                     "the end of the stream has not been passed to the kernel yet: call flush() first");
    const bool is_in_pieces = now.receiver.is_holding() && !now.receiver.holds_whole_message();
    if (is_in_pieces || (why == errc::none && !now.receiver.may_switch())) {
        return error(errc::too_large, {}, {},
                     "a message over the limit is incomplete: call receive() until it has ended");
    }
    return {};
}

// No step after halt() may fail, because the stream has stopped.
result<void> channel_core::begin_halt(detach_awaiter& by) {
    if (auto may = check_detachable(); !may) {
        schedule_end_turn();  // end_turn() may make the channel idle
        return may;
    }
    check_invariants();
    channel_receiver& in = work_->receiver;
    channel_sender& out = work_->sender;
    error why(errc::cancelled, {}, {}, "cancelled: the connection was detached");
    if (in.may_switch()) in.copy_unreceived(by.unread);
    const auto done = below_->halt();
    if (done && !done->good()) {
        by.unread.clear();
        schedule_end_turn();
        return done->during({}, {});
    }
    by.unsent.swap(out.queue());
    by.input_ended = in.has_input_ended();
    by.output_ended = out.has_shut_down();
    if (!done) work_->halting = &by;
    in.leave_fast_path();
    in.drop_all();
    if (!in.has_ended()) end(why);
    fail_sending(std::move(why));
    unset();
    resume_reader_soon();
    return {};
}

void channel_core::on_halted() noexcept {
    if (is_halting()) std::exchange(work_->halting, nullptr)->complete();
}

// The unsent bytes that the stream had already taken come before those of the queue.
result<owned_stream> channel_core::finish_halt(detach_awaiter& by) {
    if (below_ == nullptr) return failure().during("detach", peer().to_string());  // the channel was aborted meanwhile
    try {
        send_queue unsent = below_->take_unsent();
        unsent.join();
        by.unsent.join();
        unsent.bytes().append(by.unsent.bytes().view());
        by.unsent.swap(unsent);
    } catch (const std::bad_alloc&) {
        abort(error(errc::no_memory));
        return error(errc::no_memory);
    }
    owned_stream given = std::move(below_);
    forget_stream();
    return given;
}

void channel_core::abandon_halt() noexcept {
    if (work_ != nullptr) work_->halting = nullptr;
    abort(error(errc::cancelled));
}

void channel_core::resume_detached(bytes_view unread, buffer unsent, bool input_ended, bool output_ended) noexcept {
    if (try_work() == nullptr) return;
    channel_receiver& in = work_->receiver;
    channel_sender& out = work_->sender;
    stats_.bytes_received += unread.size();
    stats_.bytes_sent += unsent.size();
    work_->counted.bytes_received += unread.size();  // the previous channel has added them to the counters
    work_->counted.bytes_sent += unsent.size();
    out.queue().bytes().swap(unsent);
    if (output_ended) {
        out.end(error(errc::broken_pipe));
        out.shut_down(false);
    }
    const bool done = try_step([&] {
        if (!unread.empty()) in.feed(here_->memory().lend_a_copy(unread));
        if (input_ended) in.finish();
    });
    if (!done) return;
    in.count(unread.size(), here_->now());
    if (input_ended) in.input_ended();
    count_memory();
    schedule_end_turn();
}

// Bytes that came before the wrappers must not be taken for bytes that came through them (RFC 3207, 6; CVE-2011-0411).
result<void> channel_core::check_replaceable() {
    WEIR_CHECK(task_.is_empty(), "replace_stream() while a task waits in receive()");
    if (auto may = check_detachable(); !may) return may;
    const channel_receiver& in = work_->receiver;
    if (in.has_ended()) return in.close_reason();
    if (in.has_input_ended()) return error(errc::closed);
    if (work_->sender.has_shut_down()) return error(errc::broken_pipe, {}, {}, "the sending side was shut down");
    if (!work_->sender.is_flushed()) return error(errc::invalid, {}, {}, "another task has sent meanwhile");
    buffer unread;
    in.copy_unreceived(unread);
    if (unread.empty()) return {};
    return error(errc::malformed, {}, {},
                 std::to_string(unread.size()) + " bytes arrived before the wrapper and were not received");
}

result<wrapping_stream*> channel_core::begin_replacing(wrappers through, wrapping_observer& by) {
    if (auto may = check_replaceable(); !may) return may.error();
    check_invariants();
    channel_receiver& in = work_->receiver;
    auto [framed, is_fixed] = framing_behind(through, described());
    shared_terms terms = is_fixed ? std::make_shared<channel_terms>(framed, limits(), true, terms_->counters) : terms_;
    if (facts_ == nullptr) facts_ = std::make_unique<peer_facts>();
    auto* const made = new wrapping_stream(std::move(through), *facts_, *below_, by, terms_->counters);
    std::unique_ptr<wrapping_stream, closes_stream> owned(made);
    made->set_user(*this);
    if (auto begun = made->begin(below_, in.is_reading()); !begun) {
        made->leave();
        return begun.error();
    }
    below_.reset(owned.release());
    in.leave_fast_path();
    work_->sender.leave_fast_path();
    terms_ = std::move(terms);
    if (is_fixed) static_cast<void>(try_step([&] { in.switch_to(std::move(framed)); }));
    return made;
}

result<wrapping_stream*> channel_core::replace_stream(wrappers through, wrapping_observer& by) {
    result<wrapping_stream*> begun = error(errc::no_memory);
    try {
        begun = begin_replacing(std::move(through), by);
    } catch (const std::bad_alloc&) {
        begun = error(errc::no_memory);
    }
    schedule_end_turn();  // end_turn() may make the channel idle
    return begun;
}

}  // namespace weir::internal
