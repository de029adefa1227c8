#include "weir/stream/handshake.h"

#include <cerrno>
#include <new>
#include <string>
#include <utility>

#include "weir/base/check.h"
#include "weir/stream/internal/unread_first.h"

namespace weir {

handshake::handshake(owned_stream below, std::size_t most_bytes) : below_(std::move(below)), most_bytes_(most_bytes) {
    WEIR_CHECK(below_ != nullptr, "a handshake on no stream");
    below_->set_user(*this);
}

handshake::~handshake() = default;

void handshake::resume(direction& one) noexcept {
    if (one.waits != nullptr) std::exchange(one.waits, nullptr)->complete();
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
    }
} catch (const std::bad_alloc&) {
    input_.now = state::over;
    input_.why = error(errc::no_memory, {}, {}, {}, ENOMEM);
}

void handshake::sent(outcome how) noexcept try {
    output_.now = state::idle;
    if (how.good()) return;
    output_.now = state::over;
    output_.why = how.during("send", below_->peer_address().to_string());
} catch (const std::bad_alloc&) {
    output_.why = error(errc::no_memory, {}, {}, {}, ENOMEM);
}

void handshake::on_received(arrival came) noexcept {
    take(std::move(came));
    resume(input_);
}

void handshake::on_sent(outcome how) noexcept {
    sent(how);
    resume(output_);
}

void handshake::begin_receive() {
    if (input_.now != state::idle) return;  // over, or busy since an operation that was cancelled
    if (received_.size() >= most_bytes_) {
        input_.now = state::over;
        input_.why = error(errc::too_large, "receive", below_->peer_address().to_string(),
                           "the handshake has more than " + std::to_string(most_bytes_) + " bytes");
        return;
    }
    input_.now = state::busy;
    if (auto came = below_->receive()) take(std::move(*came));
}

void handshake::begin_send(bytes_view bytes) {
    if (output_.now == state::busy) {
        output_.now = state::over;
        output_.why = error(errc::cancelled, "send", below_->peer_address().to_string());
    }
    if (output_.now == state::over || bytes.empty()) return;
    sending_.append(bytes);
    output_.now = state::busy;
    if (auto done = below_->send(sending_)) sent(*done);
}

owned_stream handshake::release() {
    WEIR_CHECK(input_.now == state::idle && output_.now == state::idle,
               "release() of a handshake that is receiving or sending, or has failed");
    if (received_.empty()) return std::move(below_);
    return owned_stream(new internal::unread_first(std::move(below_), std::move(received_)));
}

namespace internal {

bool handshake_operation::is_over_at_once() {
    WEIR_CHECK(on_.waits == nullptr, "two tasks at once receive, or send, in one handshake");
    if (&on_ == &of_.input_) {
        of_.begin_receive();
    } else {
        of_.begin_send(bytes_);
    }
    if (on_.now != handshake::state::busy) return true;
    on_.waits = this;
    return false;
}

ignorable_result handshake_operation::await_resume() {
    if (is_cancelled()) return error(errc::cancelled);
    if (on_.now == handshake::state::over) return on_.why;
    return {};
}

}  // namespace internal
}  // namespace weir
