#include "weir/socket/connecting.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <cerrno>

#include "weir/socket/clock.h"
#include "weir/socket/wait.h"

namespace weir {
namespace {

// Makes a descriptor non-blocking as long as it lives.
class without_blocking {
public:
    explicit without_blocking(int fd) noexcept : fd_(fd), flags_(::fcntl(fd, F_GETFL)) {
        if (flags_ >= 0 && (flags_ & O_NONBLOCK) == 0) ::fcntl(fd_, F_SETFL, flags_ | O_NONBLOCK);
    }
    without_blocking(const without_blocking&) = delete;
    without_blocking& operator=(const without_blocking&) = delete;
    ~without_blocking() {
        if (flags_ >= 0 && (flags_ & O_NONBLOCK) == 0) ::fcntl(fd_, F_SETFL, flags_);
    }

private:
    int fd_;
    int flags_;
};

int try_connect(int fd, const native_address& peer) noexcept {
    return ::connect(fd, peer.data(), peer.size) == 0 ? 0 : errno;
}

// The kernel goes on connecting by itself; connect(2) says how to learn the outcome: writable, then SO_ERROR. Linux
// thinks the socket is still connecting until it is asked once more: without that a second connect() would succeed.
int await_outcome(int fd, const native_address& peer, deadline until) noexcept {
    if (const int number = wait_until(fd, readiness::writable, until); number != 0) return number;
    int outcome = 0;
    socklen_t size = sizeof outcome;
    if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &outcome, &size) != 0) return errno;
    if (outcome == 0) outcome = try_connect(fd, peer);
    return outcome == EISCONN ? 0 : outcome;
}

// How long a blocking connect may wait, rounded up to a microsecond: zero would mean for ever.
timeval time_left(deadline until, time_point at) noexcept {
    constexpr duration longest = std::chrono::hours(24);  // asked again after that
    const auto left = std::chrono::ceil<std::chrono::microseconds>(std::min(until.at() - at, longest));
    const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
    return {seconds.count(), (left - seconds).count()};
}

}  // namespace

int connect_ip(int fd, const native_address& peer, deadline until) noexcept {
    if (until.is_never()) {
        const int number = try_connect(fd, peer);
        return number == EINTR ? await_outcome(fd, peer, until) : number;
    }
    const without_blocking guard(fd);
    const int number = try_connect(fd, peer);
    const bool goes_on = number == EINPROGRESS || number == EALREADY || number == EINTR;
    return goes_on ? await_outcome(fd, peer, until) : number;
}

// A Unix connect is never under way: it waits for room in the peer's queue, or (EAGAIN, EINTR) has done nothing at all.
// There is nothing to poll for, so SO_SNDTIMEO, which unix_stream_connect() of the kernel heeds, bounds the wait.
int connect_local(int fd, const native_address& peer, deadline until) noexcept {
    int number = EINTR;
    if (until.is_never()) {
        while (number == EINTR) number = try_connect(fd, peer);
        return number;
    }
    {
        const without_blocking guard(fd);
        while (number == EINTR) number = try_connect(fd, peer);
    }
    if (number != EAGAIN) return number;
    const int flags = ::fcntl(fd, F_GETFL);
    timeval before{};
    socklen_t size = sizeof before;
    if (flags < 0 || ::getsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &before, &size) != 0) return errno;
    ::fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
    while (number == EAGAIN || number == EINTR) {
        const time_point at = now();
        const timeval left = time_left(until, at);
        if (until.passed(at)) {
            number = ETIME;
        } else if (::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &left, sizeof left) != 0) {
            number = errno;
        } else {
            number = try_connect(fd, peer);
        }
    }
    ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &before, sizeof before);
    ::fcntl(fd, F_SETFL, flags);
    return number;
}

}  // namespace weir
