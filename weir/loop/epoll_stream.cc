#include "weir/loop/epoll_stream.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>

#include "weir/loop/epoll_backend.h"
#include "weir/socket/kernel_view.h"
#include "weir/socket/system_error.h"

namespace weir {

epoll_stream::epoll_stream(epoll_backend& world, weir::socket connected) noexcept
    : kernel_stream(std::move(connected)), world_(world), may_leave_some_(socket_.family() == address_family::local) {}

std::optional<arrival> epoll_stream::receive() {
    if (readable_) {
        if (auto came = read()) return came;
    }
    receiving_ = true;
    return {};
}

// Less than there was room for is all that was there, epoll(7).
std::optional<arrival> epoll_stream::read() {
    auto came = kernel_stream::read(world_, block_, readable_);
    if (came && !came->ends() && may_leave_some_) readable_ = true;
    return came;
}

std::optional<outcome> epoll_stream::send(buffer& bytes) {
    if (auto done = write(bytes)) {
        bytes.clear();
        return done;
    }
    sending_.swap(bytes);
    is_sending_ = true;
    return {};
}

// All that the kernel takes now; nothing when there is more.
std::optional<outcome> epoll_stream::write(buffer& bytes) {
    while (!bytes.empty()) {
        const ssize_t taken = ::send(socket_.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (taken < 0 && errno == EINTR) continue;
        if (taken < 0) return errno == EAGAIN ? std::nullopt : std::optional(outcome{errc_of(errno), errno});
        const bool full = static_cast<std::size_t>(taken) < bytes.size();
        bytes.consume(static_cast<std::size_t>(taken));
        if (full) return {};  // and the kernel will say when there is room
    }
    return outcome{};
}

void epoll_stream::close(bool reset) noexcept {
    if (reset) reset_at_close();
    world_.readiness().forget(socket_);
    delete this;
}

void epoll_stream::happened(std::uint32_t events) noexcept {
    constexpr std::uint32_t special = EPOLLPRI | EPOLLRDHUP | EPOLLHUP | EPOLLERR;
    if ((events & special) != 0) may_leave_some_ = true;
    if ((events & (EPOLLIN | special)) != 0) {
        readable_ = true;
        if (receiving_) {
            if (auto came = read()) {
                receiving_ = false;
                told().received(std::move(*came));
            }
        }
    }
    if (is_sending_ && (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) {
        if (const auto done = write(sending_)) {
            is_sending_ = false;
            keep_spare(sending_);
            told().sent(*done);
        }
    }
}

}  // namespace weir
