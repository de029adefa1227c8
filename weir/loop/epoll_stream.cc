#include "weir/loop/epoll_stream.h"

#include <sys/epoll.h>
#include "weir/loop/epoll_backend.h"
#include "weir/socket/kernel_view.h"

namespace weir::internal {

epoll_stream::epoll_stream(epoll_backend& backend, weir::socket connected) noexcept
    : kernel_stream(std::move(connected)), backend_(backend), may_leave_some_(family_ == address_family::local) {}

std::optional<arrival> epoll_stream::receive() {
    if (readable_) {
        if (auto came = read()) return came;
    }
    is_receiving_ = true;
    return {};
}

// Less than there was room for is all that was there, epoll(7).
std::optional<arrival> epoll_stream::read() {
    auto came = kernel_stream::read(backend_, block_, readable_);
    if (came && !came->ends() && may_leave_some_) readable_ = true;
    return came;
}

std::optional<outcome> epoll_stream::send(buffer& bytes) {
    if (auto done = send_now(bytes)) {
        bytes.clear();
        return done;
    }
    if (sending_ == nullptr) sending_ = std::make_unique<buffer>();
    sending_->swap(bytes);
    return {};
}

void epoll_stream::close(bool reset) noexcept {
    if (reset) reset_at_close();
    backend_.readiness().forget(descriptor_.fd());
    delete this;
}

void epoll_stream::on_ready(std::uint32_t events) noexcept {
    constexpr std::uint32_t special = EPOLLPRI | EPOLLRDHUP | EPOLLHUP | EPOLLERR;
    if ((events & special) != 0) may_leave_some_ = true;
    if ((events & (EPOLLIN | special)) != 0) {
        readable_ = true;
        if (is_receiving_) {
            if (auto came = read()) {
                is_receiving_ = false;
                current_user().on_received(std::move(*came));
            }
        }
    }
    if (unsent() != 0 && (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) {
        if (const auto done = send_now(*sending_)) {
            sending_->clear();
            backend_.memory().spares().keep(*sending_);
            current_user().on_sent(*done);
        }
    }
}

}  // namespace weir::internal
