// How a channel gives its stream away.
#include <new>
#include <utility>

#include "weir/stream/internal/channel/channel_core.h"
#include "weir/stream/internal/channel/channel_halting.h"

namespace weir::internal {

bool channel_halting::await_ready() {
    begun_ = of_.begin_halt(*this);
    return !begun_ || !of_.is_halting();
}

result<owned_stream> channel_halting::await_resume() {
    if (!begun_) return begun_.error();
    if (is_cancelled()) return error(errc::cancelled, "detach", of_.peer().to_string());
    return of_.finish_halt(*this);
}

// The connection is good, and the decoder has all bytes of what was not received.
result<void> channel_core::check_detachable() {
    channel_work& now = work();
    if (below_ == nullptr || now.sender.has_failed()) return failure().during("detach", peer_.to_string());
    const error& why = now.receiver.close_reason();
    if (now.receiver.has_ended() && !(why == errc::closed)) return why.during("detach", peer_.to_string());
    if (now.sender.is_ending()) {
        return error(errc::broken_pipe, "detach", peer_.to_string(),
                     "the end of sending is not with the kernel yet: flush() first");
    }
    if (now.receiver.may_switch() || now.receiver.has_ended()) return {};
    return error(errc::too_large, "detach", peer_.to_string(),
                 "a message over the limit has begun and not ended: receive() until it has");
}

result<void> channel_core::begin_halt(channel_halting& by) {
    if (auto may = check_detachable(); !may) return may;
    check_invariants();
    channel_receiver& in = work_->receiver;
    channel_sender& out = work_->sender;
    by.has_ended = in.has_input_ended();
    if (!in.has_ended()) in.copy_unreceived(by.unread);  // while nothing has changed, for it may lack memory
    const auto done = below_->halt();
    if (done && !done->good()) {
        by.unread = {};
        return done->during("detach", peer_.to_string());
    }
    by.unsent = std::exchange(out.queue(), {});
    error why(errc::cancelled, {}, {}, "cancelled: the connection was detached");
    in.leave_fast_path();
    in.drop_all();
    if (!in.has_ended()) end(why);
    if (!out.has_ended()) fail_sending(std::move(why));
    unset();
    resume_reader_soon();
    if (!done) work_->halting = &by;
    return {};
}

void channel_core::on_halted() noexcept {
    if (channel_halting* const by = std::exchange(work_->halting, nullptr)) by->complete();
}

// The bytes that the stream had taken before come first.
result<owned_stream> channel_core::finish_halt(channel_halting& by) {
    if (below_ == nullptr) return error(errc::cancelled, "detach", peer_.to_string());  // abort() was called meanwhile
    buffer unsent = below_->take_unsent();
    if (unsent.empty()) {
        unsent.swap(by.unsent);
    } else {
        unsent.append(by.unsent.view());
    }
    by.unsent.swap(unsent);
    owned_stream given = std::move(below_);
    forget_stream();
    return given;
}

void channel_core::abandon_halt() noexcept {
    work_->halting = nullptr;
    abort(error(errc::cancelled));
}

}  // namespace weir::internal
