#include "weir/kernel/uring/uring_stream.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <new>

#include "weir/base/check.h"
#include "weir/kernel/uring/uring_backend.h"
#include "weir/socket/internal/system_error.h"

namespace weir::internal {

uring_stream::~uring_stream() {
    if (unrequested_ == nullptr) return;
    for (const arrival& one : *unrequested_) backend_.count_unrequested(one.bytes.capacity(), 0);
}

std::optional<arrival> uring_stream::receive() {
    if (has_unrequested()) {
        arrival first = std::move(unrequested_->front());
        unrequested_->erase(unrequested_->begin());
        backend_.count_unrequested(first.bytes.capacity(), 0);
        return first;
    }
    if (pattern_ == pattern::lost) return arrival{{errc::no_memory, ENOMEM}, {}, 0};
    if (content_ == content::some && receive_ == request::none) {
        if (auto came = read_now()) return came;
    }
    user_ = user_state::waiting;
    if (receive_ == request::none) submit_receive();
    return {};
}

bool uring_stream::reads_itself() const noexcept { return block_.now() != 0 || current_user().wants_room(); }

std::optional<arrival> uring_stream::read_now() {
    bool is_readable = false;
    auto came = read(backend_, block_, is_readable);
    content_ = is_readable ? content::some : content::nothing;
    return came;
}

// Submits a request that completes at each change from now on.
void uring_stream::poll() {
    poll_ = request::multishot;
    backend_.ring().request(*this, polling, [&](io_uring_sqe* one) {
        io_uring_prep_poll_multishot(one, fd(), POLLIN | POLLPRI | POLLRDHUP);
    });
}

void uring_stream::submit_receive() {
    if (reads_itself()) {
        if (poll_ == request::none) poll();
        return;
    }
    if (poll_ == request::multishot) {
        poll_ = request::cancelled;
        backend_.ring().cancel(*this, polling);
    }
    const bool is_multishot =
        pattern_ == pattern::multishot && !may_leave_some() && backend_.unrequested_bytes() < most_unrequested_bytes;
    receive_ = is_multishot ? request::multishot : request::single_shot;
    backend_.ring().request(*this, receiving, [&](io_uring_sqe* one) {
        io_uring_prep_recv(one, fd(), nullptr, 0, 0);
        one->flags |= IOSQE_BUFFER_SELECT;
        one->buf_group = uring_buffers::group;
        if (content_ == content::nothing) one->ioprio |= IORING_RECVSEND_POLL_FIRST;
        if (is_multishot) one->ioprio |= IORING_RECV_MULTISHOT;
    });
    if (is_multishot && !is_watching_) watch_ending();
}

void uring_stream::receive_again() {
    backend_.looks_again();
    submit_receive();
}

// After a short read, a multishot receive waits for the next change. It would miss a reset that arrived with the last
// bytes, so a separate request watches for an error or the end.
void uring_stream::watch_ending() {
    is_watching_ = true;
    backend_.ring().request(*this, watching, [&](io_uring_sqe* one) { io_uring_prep_poll_add(one, fd(), 0); });
}

void uring_stream::stop_receiving() noexcept {
    if (receive_ != request::multishot) return;
    receive_ = request::cancelled;
    backend_.ring().cancel(*this, receiving);
}

std::optional<outcome> uring_stream::send(buffer& bytes) {
    writer how = writer::prompt;
    if (bytes.size() >= least_own_send_bytes) {
        if (auto done = send_now(bytes)) {
            bytes.clear();
            if (!done->good()) done = failed_to_send(done->system_code);
            return done;
        }
        how = writer::when_writable;
    }
    sending_.swap(bytes);
    submit_send(how);
    return {};
}

std::optional<outcome> uring_stream::send_gathered(send_queue& queue) {
    if (auto done = send_now(queue)) {
        queue.clear();
        if (!done->good()) done = failed_to_send(done->system_code);
        return done;
    }
    gathered_ = std::make_unique<gathered_send>();
    gathered_->queue.swap(queue);
    submit_send(writer::when_writable);
    return {};
}

// The bytes that are being sent are in gathered_ if it exists, otherwise in sending_. The functions below handle both
// cases.
void uring_stream::took(std::size_t count) {
    if (gathered_ == nullptr) return sending_.consume(count);
    gathered_->queue.consume(count);
    if (gathered_->queue.empty()) {
        sending_.swap(gathered_->queue.bytes());
        gathered_.reset();
    }
}

void uring_stream::drop_sending() noexcept {
    gathered_.reset();
    sending_.release();
}

send_queue uring_stream::take_unsent() noexcept {
    if (gathered_ == nullptr) return std::exchange(sending_, {});
    send_queue rest = std::move(gathered_->queue);
    gathered_.reset();
    return rest;
}

void uring_stream::submit_send(writer how) {
    writer_ = how;
    if (gathered_ != nullptr) {
        const msghdr& header = gathered_->parts.emplace(gathered_->queue).header();
        backend_.ring().request(*this, sending, [&](io_uring_sqe* one) {
            io_uring_prep_sendmsg(one, fd(), &header, MSG_NOSIGNAL);
            one->ioprio |= IORING_RECVSEND_POLL_FIRST;
        });
    } else if (how == writer::when_writable) {
        backend_.ring().request(*this, sending, [&](io_uring_sqe* one) {
            io_uring_prep_send(one, fd(), sending_.data(), sending_.size(), MSG_NOSIGNAL);
            one->ioprio |= IORING_RECVSEND_POLL_FIRST;
        });
    } else {
        backend_.ring().request_promptly(*this, sending, [&](io_uring_sqe* one) {
            io_uring_prep_send(one, fd(), sending_.data(), sending_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        });
    }
}

void uring_stream::cancel_all() noexcept {
    if (receive_ != request::none) backend_.ring().cancel(*this, receiving);
    if (writer_ != writer::idle) backend_.ring().cancel(*this, sending);
    if (is_watching_) backend_.ring().cancel(*this, watching);
    if (poll_ != request::none) backend_.ring().cancel(*this, polling);
}

std::optional<outcome> uring_stream::halt() {
    user_ = user_state::silent;
    if (!has_requests()) return outcome{};
    user_ = user_state::halting;
    cancel_all();
    return {};
}

result<weir::socket> uring_stream::take_apart(buffer& unread) {
    WEIR_CHECK(!has_requests(), "a stream is taken apart before it has halted");
    if (pattern_ == pattern::lost) return error(errc::no_memory);
    if (has_unrequested()) {
        std::size_t size = 0;
        for (const arrival& one : *unrequested_) {
            if (!one.how.good()) return one.how.during({}, {});
            size += one.bytes.size();
        }
        static_cast<void>(unread.prepare(size));
        for (const arrival& one : *unrequested_) unread.append(one.bytes.view());
    }
    weir::socket given = take_socket();
    delete this;
    return given;
}

// The order matters: all earlier requests must reach the kernel before it closes the descriptor.
void uring_stream::close(bool reset) noexcept {
    // If bytes are unread, close(2) resets the peer (tcp(7)). But the kernel counts the bytes in unrequested_ as read.
    if (has_unrequested()) {
        for (const arrival& one : *unrequested_) reset = reset || !one.bytes.empty();
    }
    if (reset) reset_at_close();
    user_ = user_state::closed;
    cancel_all();
    backend_.ring().close(descriptor_.release());
    if (!has_requests()) delete this;
}

void uring_stream::completed(operation which, int how, unsigned flags) noexcept {
    const bool is_last = (flags & IORING_CQE_F_MORE) == 0;
    if (which == receiving) {
        if (is_last) receive_ = request::none;
        received(how, flags);
    } else if (which == sending) {
        const writer was = std::exchange(writer_, writer::idle);
        sent(how, was);
    } else if (which == polling) {
        if (is_last) poll_ = request::none;
        polled(how);
    } else {
        is_watching_ = false;
        short_reads_may_leave_some();
        if (content_ == content::nothing) content_ = content::unknown;
        if (!is_closed()) stop_receiving();
    }
    if (has_requests()) return;
    if (is_closed()) {
        delete this;
    } else if (user_ == user_state::halting) {
        user_ = user_state::silent;
        current_user().on_halted();
    }
}

void uring_stream::polled(int how) {
    if (is_closed()) return;
    if (how > 0) content_ = content::some;
    if (how > 0 && (how & (POLLPRI | POLLRDHUP | POLLHUP | POLLERR)) != 0) short_reads_may_leave_some();
    if (user_ != user_state::waiting || receive_ != request::none) return;
    if (content_ == content::some) {
        if (auto came = read_now()) return deliver(std::move(*came));
    }
    if (poll_ == request::none) receive_again();
}

void uring_stream::received(int how, unsigned flags) {
    arrival came;
    if ((flags & IORING_CQE_F_BUFFER) != 0)
        came.bytes = backend_.buffers().take(flags, how > 0 ? static_cast<std::size_t>(how) : 0);
    if (is_closed()) return;
    if (how == -ENOBUFS) backend_.buffers().grow();
    if (how == -ENOBUFS || how == -EINTR || how == -EAGAIN || how == -ECANCELED) {
        if (user_ == user_state::waiting && receive_ == request::none) receive_again();
        return;
    }
    if (how > 0 && came.bytes.capacity() == 0) {
        came.how = {errc::no_memory, ENOMEM};
    } else if (how <= 0) {
        came.bytes.give_back();
        if (how < 0) came.how = {internal::errc_of(-how), -how};
    } else {
        const auto count = static_cast<std::size_t>(how);
        if (pattern_ == pattern::first) pattern_ = pattern::multishot;
        const bool is_all = (flags & IORING_CQE_F_SOCK_NONEMPTY) == 0 && count < came.bytes.capacity();
        if (content_ != content::some) content_ = is_all && !may_leave_some() ? content::nothing : content::unknown;
        block_.came(count);
        if (block_.now() != 0) stop_receiving();
    }
    deliver(std::move(came));
}

void uring_stream::deliver(arrival came) {
    if (user_ == user_state::waiting) {
        user_ = user_state::silent;
        return current_user().on_received(std::move(came));
    }
    stop_receiving();
    if (pattern_ == pattern::lost) return;
    try {
        if (unrequested_ == nullptr) unrequested_ = std::make_unique<std::vector<arrival>>();
        unrequested_->reserve(unrequested_->size() + 1);
    } catch (const std::bad_alloc&) {
        pattern_ = pattern::lost;
        return;
    }
    // An end, or the failure of a send during a halt, is delivered after all bytes.
    const bool has_end = !unrequested_->empty() && unrequested_->back().ends();
    if (has_end && came.ends()) {
        if (unrequested_->back().how.good()) unrequested_->back() = std::move(came);
        return;
    }
    backend_.count_unrequested(0, came.bytes.capacity());
    unrequested_->insert(has_end ? unrequested_->end() - 1 : unrequested_->end(), std::move(came));
}

void uring_stream::sent(int how, writer was) {
    if (is_closed()) return;
    if (user_ == user_state::halting) return sent_while_halting(how);
    if (how == -EINTR) return submit_send(was);
    if (how == -EAGAIN) return submit_send(writer::when_writable);
    if (how >= 0) {
        took(static_cast<std::size_t>(how));
        if (unsent() != 0) return submit_send(writer::when_writable);
        backend_.memory().spares().keep(sending_);
        return current_user().on_sent({});
    }
    drop_sending();
    current_user().on_sent(failed_to_send(-how));
}

// The bytes that the kernel did not take remain in sending_ or gathered_. The kernel returns EPIPE again to the next
// send. It reports any other failure only once, so a later receive() returns that failure.
void uring_stream::sent_while_halting(int how) {
    if (how >= 0) return took(static_cast<std::size_t>(how));
    if (how == -EINTR || how == -EAGAIN || how == -ECANCELED || how == -EPIPE) return;
    deliver({{errc_of(-how), -how}, {}, 0});
}

// The kernel reports a reset only once, to the first call that finds it. If that was a receive that no task had
// requested, the failed send reports the reset instead.
outcome uring_stream::failed_to_send(int number) noexcept {
    if (number == EPIPE && has_unrequested() && unrequested_->back().how.code == errc::reset) {
        unrequested_->back().how = {};
        number = ECONNRESET;
    }
    return {internal::errc_of(number), number};
}

}  // namespace weir::internal
