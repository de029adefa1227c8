#include "weir/loop/uring_stream.h"

#include <sys/socket.h>

#include <cerrno>

#include "weir/loop/loop.h"
#include "weir/loop/uring_backend.h"
#include "weir/socket/system_error.h"

namespace weir {

std::optional<arrival> uring_stream::receive() {
    ask_to_receive();
    return {};
}

void uring_stream::ask_to_receive() {
    const std::size_t size = world_.buffers().open(block_.now()) ? block_.now() : 0;
    asked_size_ = static_cast<unsigned char>(size);
    is_receiving_ = true;
    world_.ring().ask(*this, receiving, [&](io_uring_sqe* one) {
        io_uring_prep_recv(one, socket_.fd(), nullptr, 0, 0);
        one->flags |= IOSQE_BUFFER_SELECT;
        one->buf_group = static_cast<std::uint16_t>(size);
        if (is_empty_) one->ioprio |= IORING_RECVSEND_POLL_FIRST;
    });
}

std::optional<outcome> uring_stream::send(buffer& bytes) {
    sending_.swap(bytes);
    ask_to_send();
    return {};
}

void uring_stream::ask_to_send() {
    is_sending_ = true;
    if (is_full_) {
        world_.ring().ask(*this, sending, [&](io_uring_sqe* one) {
            io_uring_prep_send(one, socket_.fd(), sending_.data(), sending_.size(), MSG_NOSIGNAL);
            one->ioprio |= IORING_RECVSEND_POLL_FIRST;
        });
    } else {
        world_.ring().ask_promptly(*this, sending, [&](io_uring_sqe* one) {
            io_uring_prep_send(one, socket_.fd(), sending_.data(), sending_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        });
    }
}

// In this order: what was asked before is submitted before the descriptor is gone.
void uring_stream::close(bool reset) noexcept {
    if (reset) reset_at_close();
    is_closed_ = true;
    if (is_receiving_) world_.ring().cancel(*this, receiving);
    if (is_sending_) world_.ring().cancel(*this, sending);
    world_.ring().close(socket_.release());
    if (!is_receiving_ && !is_sending_) delete this;
}

void uring_stream::answered(question which, int how, unsigned flags) noexcept {
    if (which == receiving) {
        is_receiving_ = false;
        received(how, flags);
    } else {
        is_sending_ = false;
        sent(how);
    }
    if (is_closed_ && !is_receiving_ && !is_sending_) delete this;
}

void uring_stream::received(int how, unsigned flags) {
    arrival came;
    if ((flags & IORING_CQE_F_BUFFER) != 0)
        came.bytes = world_.buffers().take(asked_size_, flags, how > 0 ? static_cast<std::size_t>(how) : 0);
    if (is_closed_) return;
    if (how == -ENOBUFS) world_.buffers().grow(asked_size_);
    if (how == -ENOBUFS || how == -EINTR || how == -EAGAIN) return ask_to_receive();
    if (how <= 0) {
        came.bytes.give_back();
        if (how < 0) came.how = {errc_of(-how), -how};
    } else {
        const auto count = static_cast<std::size_t>(how);
        is_empty_ = (flags & IORING_CQE_F_SOCK_NONEMPTY) == 0 && count < came.bytes.capacity();
        block_.came(count);
    }
    told().received(std::move(came));
}

void uring_stream::sent(int how) {
    if (is_closed_) return;
    if (how == -EAGAIN) is_full_ = true;
    if (how == -EINTR || how == -EAGAIN) return ask_to_send();
    if (how >= 0) {
        sending_.consume(static_cast<std::size_t>(how));
        is_full_ = !sending_.empty();
        if (is_full_) return ask_to_send();
        if (loop* const here = loop::running()) {
            here->keep_spare(sending_);
        } else {
            sending_.release();
        }
        return told().sent({});
    }
    sending_.release();
    told().sent({errc_of(-how), -how});
}

}  // namespace weir
