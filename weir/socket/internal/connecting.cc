#include "weir/socket/internal/connecting.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "weir/socket/internal/send_timeout.h"
#include "weir/socket/internal/wait.h"

namespace weir::internal {
namespace {

// Makes a descriptor non-blocking while this object exists.
class without_blocking {
public:
    explicit without_blocking(int fd) noexcept : fd_(fd), flags_(::fcntl(fd, F_GETFL)) {
        if (flags_ < 0 || ((flags_ & O_NONBLOCK) == 0 && ::fcntl(fd_, F_SETFL, flags_ | O_NONBLOCK) != 0)) {
            number_ = errno;
        }
    }
    without_blocking(const without_blocking&) = delete;
    without_blocking& operator=(const without_blocking&) = delete;
    ~without_blocking() {
        if (flags_ >= 0 && (flags_ & O_NONBLOCK) == 0) ::fcntl(fd_, F_SETFL, flags_);
    }

    // 0, or an errno value if the descriptor could not be made non-blocking: a call could then exceed its deadline.
    int number() const noexcept { return number_; }

private:
    int fd_;
    int flags_;
    int number_ = 0;
};

int try_connect(int fd, const native_address& peer) noexcept {
    return ::connect(fd, peer.data(), peer.size) == 0 ? 0 : errno;
}

// Linux treats the socket as connecting until connect(2) is called once more. Without this call a second connect()
// would succeed.
int connect_outcome(int fd, const native_address& peer) noexcept {
    int outcome = 0;
    socklen_t size = sizeof outcome;
    if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &outcome, &size) != 0) return errno;
    if (outcome == 0) outcome = try_connect(fd, peer);
    return outcome == EISCONN ? 0 : outcome;
}

// The kernel continues to connect. As connect(2) describes, SO_ERROR has the outcome when the socket is writable.
int await_outcome(int fd, const native_address& peer, deadline until) noexcept {
    const int number = wait_until(fd, readiness::writable, until);
    return number != 0 ? number : connect_outcome(fd, peer);
}

}  // namespace

int connect_ip(int fd, const native_address& peer, deadline until) noexcept {
    if (until.is_never()) {
        const int number = try_connect(fd, peer);
        return number == EINTR ? await_outcome(fd, peer, until) : number;
    }
    const without_blocking guard(fd);
    if (guard.number() != 0) return guard.number();
    const int number = try_connect(fd, peer);
    const bool goes_on = number == EINPROGRESS || number == EALREADY || number == EINTR;
    return goes_on ? await_outcome(fd, peer, until) : number;
}

// A Unix connect is never in progress: it waits for room in the queue of the peer, or fails with EAGAIN or EINTR and
// can be tried again.
int connect_local(int fd, const native_address& peer, deadline until) noexcept {
    int number = EINTR;
    if (until.is_never()) {
        while (number == EINTR) number = try_connect(fd, peer);
        return number;
    }
    {
        const without_blocking guard(fd);
        if (guard.number() != 0) return guard.number();
        while (number == EINTR) number = try_connect(fd, peer);
    }
    if (number != EAGAIN) return number;
    std::pair<int, const native_address*> target(fd, &peer);
    const auto again = [](void* data) {
        const auto& [there, name] = *static_cast<std::pair<int, const native_address*>*>(data);
        return try_connect(there, *name);
    };
    return within_send_timeout(fd, until, again, &target);
}

}  // namespace weir::internal
