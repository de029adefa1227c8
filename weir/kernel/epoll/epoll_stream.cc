#include "weir/kernel/epoll/epoll_stream.h"

#include <sys/epoll.h>
#include "weir/kernel/epoll/epoll_backend.h"
#include "weir/socket/kernel_view.h"

namespace weir::internal {

std::optional<arrival> epoll_stream::receive() {
    if (readable_) {
        if (auto came = read(backend_, block_, readable_)) return came;
    }
    is_receiving_ = true;
    return {};
}

std::optional<outcome> epoll_stream::send(buffer& bytes) {
    if (auto done = send_now(bytes)) {
        bytes.clear();
        return done;
    }
    sending().bytes().swap(bytes);
    return {};
}

std::optional<outcome> epoll_stream::send_gathered(send_queue& queue) {
    if (auto done = send_now(queue)) {
        queue.clear();
        return done;
    }
    sending().swap(queue);
    return {};
}

std::optional<outcome> epoll_stream::halt() {
    is_receiving_ = false;
    return outcome{};
}

// The stream reads nothing before receive() is called, so there are no unread bytes to append.
result<weir::socket> epoll_stream::take_apart(buffer&) {
    backend_.readiness().forget(fd());
    weir::socket given = take_socket();
    delete this;
    return given;
}

void epoll_stream::close(bool reset) noexcept {
    if (reset) reset_at_close();
    backend_.readiness().forget(descriptor_.fd());
    delete this;
}

void epoll_stream::on_ready(std::uint32_t events) noexcept {
    constexpr std::uint32_t special = EPOLLPRI | EPOLLRDHUP | EPOLLHUP | EPOLLERR;
    if ((events & special) != 0) short_reads_may_leave_some();
    if ((events & (EPOLLIN | special)) != 0) {
        readable_ = true;
        if (is_receiving_) {
            if (auto came = read(backend_, block_, readable_)) {
                is_receiving_ = false;
                current_user().on_received(std::move(*came));
            }
        }
    }
    if (unsent() != 0 && (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) {
        if (const auto done = send_now(*sending_)) {
            backend_.memory().spares().keep(sending_->bytes());
            sending_->release();
            current_user().on_sent(*done);
        }
    }
}

}  // namespace weir::internal
