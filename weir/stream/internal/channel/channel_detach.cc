// How a channel gives its stream away.
#include <new>
#include <utility>

#include "weir/stream/internal/channel/channel_core.h"
#include "weir/stream/internal/channel/channel_halting.h"

namespace weir::internal {

bool channel_halting::is_over_at_once() noexcept {
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

result<owned_stream> channel_halting::await_resume() {
    if (state_ == state::refused) return why_.during("detach", of_.peer().to_string());
    if (!is_cancelled()) return of_.finish_halt(*this);
    of_.abandon_halt();
    return error(errc::cancelled, "detach", of_.peer().to_string());
}

// The connection is good, and all that was not received is known byte by byte.
result<void> channel_core::check_detachable() {
    WEIR_CHECK(!is_halting(), "two detaches at once on one channel");
    const channel_work& now = work();
    if (below_ == nullptr || now.sender.has_failed()) return failure();
    // At the end of a service receiving has ended as cancelled, at a boundary.
    const errc why = now.receiver.close_reason().code();
    if (why != errc::none && why != errc::closed && why != errc::cancelled) return now.receiver.close_reason();
    if (now.sender.is_ending())
        return error(errc::broken_pipe, {}, {}, "the end of sending is not with the kernel yet: flush() first");
    const bool is_in_pieces = now.receiver.is_holding() && !now.receiver.holds_whole_message();
    if (is_in_pieces || (why == errc::none && !now.receiver.may_switch())) {
        return error(errc::too_large, {}, {},
                     "a message over the limit has begun and not ended: receive() until it has");
    }
    return {};
}

// After halt() nothing may fail: the stream has stopped.
result<void> channel_core::begin_halt(channel_halting& by) {
    if (auto may = check_detachable(); !may) {
        flush_at_turn_end();  // it may be idle then
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
        flush_at_turn_end();
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

// The bytes that the stream had taken before come first.
result<owned_stream> channel_core::finish_halt(channel_halting& by) {
    if (below_ == nullptr) return failure().during("detach", peer_.to_string());  // aborted meanwhile
    try {
        buffer unsent = below_->take_unsent();
        unsent.append(by.unsent.view());
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

}  // namespace weir::internal
