#include "weir/socket/internal/wait.h"

#include <poll.h>

#include <cerrno>

#include "weir/socket/clock.h"

namespace weir::internal {
namespace {

short events_of(readiness wanted) noexcept {
    switch (wanted) {
        case readiness::readable: return POLLIN;
        case readiness::writable: return POLLOUT;
        case readiness::urgent: return POLLPRI | POLLRDHUP;
    }
    return 0;
}

}  // namespace

bool is_past_urgent(int fd) noexcept {
    pollfd watched{fd, events_of(readiness::urgent), 0};
    const timespec at_once{};
    return ::ppoll(&watched, 1, &at_once, nullptr) > 0 && (watched.revents & POLLPRI) == 0;
}

timespec time_left(deadline until, time_point from) noexcept {
    if (until.passed(from)) return {0, 0};
    const duration left = until.at() - from;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    return {static_cast<time_t>(seconds.count()), static_cast<long>((left - seconds).count())};
}

int wait_until(int fd, readiness wanted, deadline until) noexcept {
    if (fd < 0) return EBADF;  // poll(2) skips negative descriptors
    pollfd watched{fd, events_of(wanted), 0};
    for (bool interrupted = false;; interrupted = true) {
        timespec left{};
        if (!until.is_never()) {
            const time_point at = now();
            if (!interrupted && until.passed(at)) return ETIME;
            left = time_left(until, at);
        }
        const int ready = ::ppoll(&watched, 1, until.is_never() ? nullptr : &left, nullptr);
        if (ready > 0) return (watched.revents & POLLNVAL) != 0 ? EBADF : 0;
        if (ready == 0) return ETIME;
        if (errno != EINTR) return errno;
    }
}

}  // namespace weir::internal
