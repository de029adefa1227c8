#include "weir/socket/wait.h"

#include <poll.h>

#include <cerrno>
#include <ctime>

#include "weir/socket/clock.h"

namespace weir {
namespace {

short events_of(readiness wanted) noexcept {
    switch (wanted) {
        case readiness::readable: return POLLIN;
        case readiness::writable: return POLLOUT;
        case readiness::urgent: return POLLPRI;
    }
    return 0;
}

}  // namespace

int wait_until(int fd, readiness wanted, deadline until) noexcept {
    if (fd < 0) return EBADF;  // poll(2) skips negative descriptors
    pollfd watched{fd, events_of(wanted), 0};
    for (;;) {
        timespec left{};
        if (!until.is_never()) {
            const time_point at = now();
            if (until.passed(at)) return ETIME;
            const auto seconds = std::chrono::floor<std::chrono::seconds>(until.at() - at);
            left.tv_sec = seconds.count();
            left.tv_nsec = (until.at() - at - seconds).count();
        }
        const int ready = ::ppoll(&watched, 1, until.is_never() ? nullptr : &left, nullptr);
        if (ready > 0) return (watched.revents & POLLNVAL) != 0 ? EBADF : 0;
        if (ready < 0 && errno != EINTR) return errno;
    }
}

}  // namespace weir
