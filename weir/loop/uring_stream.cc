#include "weir/loop/uring_stream.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

#include "weir/loop/uring_backend.h"
#include "weir/socket/system_error.h"

namespace weir {

uring_stream::~uring_stream() {
    if (ahead_ == nullptr) return;
    for (const arrival& one : *ahead_) world_.count_ahead(one.bytes.capacity(), 0);
}

std::optional<arrival> uring_stream::receive() {
    if (has_ahead()) {
        arrival first = std::move(ahead_->front());
        ahead_->erase(ahead_->begin());
        world_.count_ahead(first.bytes.capacity(), 0);
        return first;
    }
    if (is_readable_ && !is_receiving_) {
        if (auto came = read()) return came;
    }
    is_wanted_ = true;
    if (!is_receiving_) ask_to_receive();
    return {};
}

bool uring_stream::reads_itself() const noexcept { return block_.now() != 0 || !told().room().empty(); }

// Less than there was room for is all that was there, as with an edge-triggered epoll(7), unless an end is announced.
std::optional<arrival> uring_stream::read() {
    auto came = kernel_stream::read(world_, block_, is_readable_);
    if (came && !came->ends() && !may_repeat_) is_readable_ = true;
    return came;
}

// Told of each change from now on.
void uring_stream::poll() {
    is_polled_ = true;
    world_.ring().ask(*this, polling, [&](io_uring_sqe* one) {
        io_uring_prep_poll_multishot(one, fd(), POLLIN | POLLPRI | POLLRDHUP);
    });
}

void uring_stream::ask_to_receive() {
    if (reads_itself()) {
        if (!is_polled_) poll();
        return;
    }
    if (is_polled_ && !std::exchange(is_unpolled_, true)) world_.ring().cancel(*this, polling);
    is_receiving_ = true;
    is_repeated_ = may_repeat_ && has_received_ && world_.ahead_bytes() < most_ahead_bytes;
    world_.ring().ask(*this, receiving, [&](io_uring_sqe* one) {
        io_uring_prep_recv(one, fd(), nullptr, 0, 0);
        one->flags |= IOSQE_BUFFER_SELECT;
        one->buf_group = uring_buffers::group;
        if (is_empty_) one->ioprio |= IORING_RECVSEND_POLL_FIRST;
        if (is_repeated_) one->ioprio |= IORING_RECV_MULTISHOT;
    });
    if (is_repeated_ && !is_watching_) watch_ending();
}

void uring_stream::receive_again() {
    world_.looks_again();
    ask_to_receive();
}

// A question that receives again and again is woken by changes: it would miss a reset that came with the last bytes.
void uring_stream::watch_ending() {
    is_watching_ = true;
    world_.ring().ask(*this, watching, [&](io_uring_sqe* one) { io_uring_prep_poll_add(one, fd(), 0); });
}

void uring_stream::stop_receiving() noexcept {
    if (!is_receiving_ || !is_repeated_ || is_stopping_) return;
    is_stopping_ = true;
    world_.ring().cancel(*this, receiving);
}

std::optional<outcome> uring_stream::send(buffer& bytes) {
    if (!is_full_ && bytes.size() >= least_own_send_bytes) {
        if (auto done = send_now(bytes)) {
            bytes.clear();
            if (!done->good()) done = failed_to_send(done->system_code);
            return done;
        }
        is_full_ = true;
    }
    sending_.swap(bytes);
    ask_to_send();
    return {};
}

void uring_stream::ask_to_send() {
    is_sending_ = true;
    if (is_full_) {
        world_.ring().ask(*this, sending, [&](io_uring_sqe* one) {
            io_uring_prep_send(one, fd(), sending_.data(), sending_.size(), MSG_NOSIGNAL);
            one->ioprio |= IORING_RECVSEND_POLL_FIRST;
        });
    } else {
        world_.ring().ask_promptly(*this, sending, [&](io_uring_sqe* one) {
            io_uring_prep_send(one, fd(), sending_.data(), sending_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        });
    }
}

// In this order: what was asked before is submitted before the descriptor is gone.
void uring_stream::close(bool reset) noexcept {
    // What was not read resets the peer, tcp(7); the kernel does not know that it was not.
    if (has_ahead()) {
        for (const arrival& one : *ahead_) reset = reset || !one.bytes.empty();
    }
    if (reset) reset_at_close();
    is_closed_ = true;
    if (is_receiving_) world_.ring().cancel(*this, receiving);
    if (is_sending_) world_.ring().cancel(*this, sending);
    if (is_watching_) world_.ring().cancel(*this, watching);
    if (is_polled_) world_.ring().cancel(*this, polling);
    world_.ring().close(descriptor_.release());
    if (!has_asked()) delete this;
}

void uring_stream::answered(question which, int how, unsigned flags) noexcept {
    if (which == receiving) {
        is_receiving_ = (flags & IORING_CQE_F_MORE) != 0;
        if (!is_receiving_) is_stopping_ = false;
        received(how, flags);
    } else if (which == sending) {
        is_sending_ = false;
        sent(how);
    } else if (which == polling) {
        is_polled_ = (flags & IORING_CQE_F_MORE) != 0;
        if (!is_polled_) is_unpolled_ = false;
        polled(how);
    } else {
        is_watching_ = false;
        may_repeat_ = false;
        is_empty_ = false;
        if (!is_closed_) stop_receiving();
    }
    if (is_closed_ && !has_asked()) delete this;
}

void uring_stream::polled(int how) {
    if (is_closed_) return;
    if (how > 0) is_readable_ = true;
    if (how > 0 && (how & (POLLPRI | POLLRDHUP | POLLHUP | POLLERR)) != 0) may_repeat_ = false;
    if (!is_wanted_ || is_receiving_) return;
    if (is_readable_) {
        if (auto came = read()) return deliver(std::move(*came));
    }
    if (!is_polled_) receive_again();
}

void uring_stream::received(int how, unsigned flags) {
    arrival came;
    if ((flags & IORING_CQE_F_BUFFER) != 0)
        came.bytes = world_.buffers().take(flags, how > 0 ? static_cast<std::size_t>(how) : 0);
    if (is_closed_) return;
    if (how == -ENOBUFS) world_.buffers().grow();
    if (how == -ENOBUFS || how == -EINTR || how == -EAGAIN || how == -ECANCELED) {
        if (is_wanted_ && !is_receiving_) receive_again();
        return;
    }
    if (how <= 0) {
        came.bytes.give_back();
        if (how < 0) came.how = {errc_of(-how), -how};
    } else {
        const auto count = static_cast<std::size_t>(how);
        has_received_ = true;
        is_empty_ = may_repeat_ && (flags & IORING_CQE_F_SOCK_NONEMPTY) == 0 && count < came.bytes.capacity();
        block_.came(count);
        if (block_.now() != 0) stop_receiving();
    }
    deliver(std::move(came));
}

void uring_stream::deliver(arrival came) {
    if (is_wanted_) {
        is_wanted_ = false;
        return told().received(std::move(came));
    }
    stop_receiving();
    world_.count_ahead(0, came.bytes.capacity());
    if (ahead_ == nullptr) ahead_ = std::make_unique<std::vector<arrival>>();
    ahead_->push_back(std::move(came));
}

void uring_stream::sent(int how) {
    if (is_closed_) return;
    if (how == -EAGAIN) is_full_ = true;
    if (how == -EINTR || how == -EAGAIN) return ask_to_send();
    if (how >= 0) {
        sending_.consume(static_cast<std::size_t>(how));
        is_full_ = !sending_.empty();
        if (is_full_) return ask_to_send();
        keep_spare(sending_);
        return told().sent({});
    }
    sending_.release();
    told().sent(failed_to_send(-how));
}

// A reset is told once, to whoever looks first: here to a receive that nobody had asked for.
outcome uring_stream::failed_to_send(int number) noexcept {
    if (number == EPIPE && has_ahead() && ahead_->back().how.code == errc::reset) {
        ahead_->back().how = {};
        number = ECONNRESET;
    }
    return {errc_of(number), number};
}

}  // namespace weir
