#include "weir/loop/uring_acceptor.h"

#include <sys/socket.h>

#include <cerrno>

#include "weir/loop/kernel_stream.h"
#include "weir/loop/uring_backend.h"
#include "weir/loop/uring_stream.h"
#include "weir/socket/system_error.h"

namespace weir {

std::optional<newcomer> uring_acceptor::accept() {
    if (!ahead_.empty()) {
        const int fd = ahead_.front();
        ahead_.pop_front();
        return adopt(fd);
    }
    is_asked_ = true;
    if (!is_armed_) arm();
    return {};
}

void uring_acceptor::rest() noexcept {
    is_asked_ = false;
    stop();
}

void uring_acceptor::arm() {
    is_armed_ = true;
    world_.ring().ask(*this, accepting, [&](io_uring_sqe* one) {
        if (is_shared()) {
            io_uring_prep_accept(one, socket_.fd(), nullptr, nullptr, SOCK_CLOEXEC);
        } else {
            io_uring_prep_multishot_accept(one, socket_.fd(), nullptr, nullptr, SOCK_CLOEXEC);
        }
    });
}

void uring_acceptor::stop() noexcept {
    if (!is_armed_ || is_stopping_) return;
    is_stopping_ = true;
    world_.ring().cancel(*this, accepting);
}

newcomer uring_acceptor::adopt(int fd) {
    auto made = world_.adopt(weir::socket(descriptor(fd), socket_.family(), socket_.type()));
    if (!made) return {{made.error().code(), made.error().system_code()}, {}, {}};
    address peer = (*made)->peer_address();  // also of one that is reset by now
    return {{}, std::move(*made), std::move(peer)};
}

// The address is free when this returns: a question that is under way holds the socket.
void uring_acceptor::close() noexcept {
    if (is_armed_) world_.ring().cancel_now(*this, accepting);
    static_cast<void>(socket_.close());
    for (const int fd : ahead_) {
        reset_at_close(fd);
        world_.ring().close(fd);
    }
    is_closed_ = true;
    if (!is_armed_) delete this;
}

void uring_acceptor::answered(question, int how, unsigned flags) noexcept {
    is_armed_ = (flags & IORING_CQE_F_MORE) != 0;
    if (!is_armed_) is_stopping_ = false;
    if (is_closed_) {
        if (how >= 0) {
            reset_at_close(how);
            world_.ring().close(how);
        }
        if (!is_armed_) delete this;
        return;
    }
    if (how >= 0) {
        ahead_.push_back(how);
        if (is_armed_ && is_shared()) stop();
        if (is_asked_) {
            is_asked_ = false;
            told().accepted(*accept());
        } else if (ahead_.size() >= most_ahead) {
            stop();
        }
        return;
    }
    if (!is_asked_) return;
    if (how == -ECANCELED || ended_before_accept(-how)) return arm();
    is_asked_ = false;
    told().accepted({{errc_of(-how), -how}, {}, {}});
}

}  // namespace weir
