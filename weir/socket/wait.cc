#include "weir/socket/wait.h"

#include <poll.h>

#include <cerrno>
#include <ctime>

#include "weir/socket/clock.h"

namespace weir {

int wait_until(int fd, readiness wanted, deadline until) noexcept {
    if (fd < 0) return EBADF;  // poll(2) skips negative descriptors
    pollfd watched{fd, static_cast<short>(wanted == readiness::readable ? POLLIN : POLLOUT), 0};
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
