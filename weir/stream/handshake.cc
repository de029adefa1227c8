#include "weir/stream/handshake.h"

#include <cerrno>
#include <new>
#include <string>
#include <utility>

#include "weir/base/check.h"
#include "weir/loop/loop.h"
#include "weir/stream/internal/handshake_line.h"
#include "weir/stream/internal/unread_first.h"

namespace weir {

handshake::handshake(owned_stream below, std::size_t most_bytes) : below_(std::move(below)), most_bytes_(most_bytes) {
    WEIR_CHECK(below_ != nullptr, "a handshake needs a stream");
    below_->set_user(*this);
    line_ = loop::current().part<internal::handshake_announcements>().take(below_.get());
    if (line_ != nullptr) line_->enter(*this);
}

void handshake::has_progressed() noexcept {
    if (is_listed()) line_->has_progressed(*this);
}

// Requires that this handshake is no longer in the line. Ends both directions and resumes the waiting tasks.
void handshake::drop() noexcept {
    for (direction* const one : {&input_, &output_}) {
        one->now = state::over;
        one->why = error(errc::over_limit, {}, {},
                         "dropped in favour of newer handshakes: the limit of handshakes is reached");
        resume(*one);
    }
}

handshake::~handshake() = default;

void handshake::resume(direction& one) noexcept {
    if (one.waits != nullptr) std::exchange(one.waits, nullptr)->complete();
}

// Runs a step that allocates. Without memory this direction ends.
template <class Step>
void handshake::guarded(direction& one, Step step) noexcept {
    try {
        step();
    } catch (const std::bad_alloc&) {
        one.now = state::over;
        one.why = error(errc::no_memory, {}, {}, {}, ENOMEM);
    }
}

void handshake::take(arrival came) noexcept try {
    input_.now = state::idle;
    if (!came.how.good()) {
        input_.now = state::over;
        input_.why = came.how.during("receive", below_->peer_address().to_string());
    } else if (came.bytes.empty()) {
        input_.now = state::over;
        input_.why = error(errc::truncated, "receive", below_->peer_address().to_string(),
                           "the peer closed during the handshake");
    } else {
        received_.append(came.bytes.view());
        has_progressed();
    }
} catch (const std::bad_alloc&) {
    input_.now = state::over;
    input_.why = error(errc::no_memory, {}, {}, {}, ENOMEM);
}

void handshake::sent(outcome how) noexcept try {
    if (output_.now == state::over) return;  // the send was cancelled, or the handshake dropped
    output_.now = state::idle;
    if (how.good()) return has_progressed();
    output_.now = state::over;
    output_.why = how.during("send", below_->peer_address().to_string());
} catch (const std::bad_alloc&) {
    output_.why = error(errc::no_memory, {}, {}, {}, ENOMEM);
}

void handshake::on_received(arrival came) noexcept {
    if (input_.now == state::over) return;  // the handshake was dropped
    take(std::move(came));
    if (input_.waits == nullptr && input_.now == state::idle) input_.now = state::unseen;
    resume(input_);
}

void handshake::on_sent(outcome how) noexcept {
    sent(how);
    resume(output_);
}

void handshake::on_halted() noexcept {
    input_.now = state::idle;
    resume(input_);
}

void handshake::submit_receive() {
    if (received_.size() >= most_bytes_) {
        input_.why = error(errc::too_large, "receive", below_->peer_address().to_string(),
                           "the handshake has more than " + std::to_string(most_bytes_) + " bytes");
        input_.now = state::over;
        return;
    }
    input_.now = state::busy;
    if (auto came = below_->receive()) take(std::move(*came));
}

void handshake::begin_receive() noexcept {
    if (input_.now == state::unseen) input_.now = state::idle;
    else if (input_.now == state::idle) guarded(input_, [&] { submit_receive(); });
}

void handshake::submit_send(bytes_view bytes) {
    if (sending_.capacity() == 0) sending_ = loop::current().memory().spares().take(bytes.size());
    sending_.append(bytes);
    output_.now = state::busy;
    if (auto done = below_->send(sending_)) sent(*done);
}

void handshake::begin_send(bytes_view bytes) noexcept {
    if (output_.now == state::idle && !bytes.empty()) guarded(output_, [&] { submit_send(bytes); });
}

task<result<void>> handshake::receive_at_least(std::size_t count) {
    while (received_.size() < count) {
        if (auto more = co_await receive_more(); !more) co_return more.error();
    }
    co_return result<void>();
}

errc handshake::begin_halt() noexcept {
    WEIR_CHECK(output_.now != state::busy, "halt() of a handshake that is sending");
    if (input_.now != state::busy) return errc::none;
    const auto done = below_->halt();
    if (!done) return errc::none;  // on_halted() follows
    if (done->good()) input_.now = state::idle;
    return done->code;
}

owned_stream handshake::release() {
    const bool has_received = input_.now == state::idle || input_.now == state::unseen;
    WEIR_CHECK(has_received && output_.now == state::idle,
               "release() of a handshake that is receiving or sending, or has failed");
    loop::current().memory().spares().keep(sending_);
    if (received_.empty()) return std::move(below_);
    return owned_stream(new internal::unread_first(std::move(below_), std::move(received_)));
}

namespace internal {

bool handshake_operation::completes_at_once() {
    WEIR_CHECK(on_.waits == nullptr, "two tasks at once receive, or send, in one handshake");
    switch (what_) {
        case kind::receive: of_.begin_receive(); break;
        case kind::send: of_.begin_send(bytes_); break;
        case kind::halt: refused_ = of_.begin_halt(); break;
    }
    if (on_.now != handshake::state::busy || refused_ != errc::none) return true;
    on_.waits = this;
    return false;
}

// After a cancelled send it is unknown how much was sent.
void handshake_operation::abandon() noexcept {
    on_.waits = nullptr;
    if (what_ != kind::send) return;
    on_.now = handshake::state::over;
    on_.why = error(errc::cancelled);
}

ignorable_result handshake_operation::await_resume() {
    if (is_cancelled()) {
        if (what_ == kind::receive && on_.now == handshake::state::idle) on_.now = handshake::state::unseen;
        return error(errc::cancelled);
    }
    if (refused_ != errc::none) return error(refused_, "halt", of_.below_->peer_address().to_string());
    if (on_.now == handshake::state::over) return on_.why;
    return {};
}

}  // namespace internal
}  // namespace weir
