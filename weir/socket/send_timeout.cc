#include "weir/socket/send_timeout.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <cerrno>

#include "weir/socket/clock.h"

namespace weir {
namespace {

// How long a blocking call may wait, rounded up to a microsecond: zero would mean for ever.
timeval time_left(deadline until, time_point at) noexcept {
    constexpr duration longest = std::chrono::hours(24);  // asked again after that
    const auto left = std::chrono::ceil<std::chrono::microseconds>(std::min(until.at() - at, longest));
    const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
    return {seconds.count(), (left - seconds).count()};
}

}  // namespace

int within_send_timeout(int fd, deadline until, int (*call)(void*), void* data) noexcept {
    const int flags = ::fcntl(fd, F_GETFL);
    timeval before{};
    socklen_t size = sizeof before;
    if (flags < 0 || ::getsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &before, &size) != 0) return errno;
    if ((flags & O_NONBLOCK) != 0 && ::fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) != 0) return errno;
    int number = EAGAIN;
    while (number == EAGAIN || number == EINTR) {
        const time_point at = now();
        if (until.passed(at)) {
            number = ETIME;
            break;
        }
        const timeval left = time_left(until, at);
        number = ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &left, sizeof left) == 0 ? call(data) : errno;
    }
    ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &before, sizeof before);
    if ((flags & O_NONBLOCK) != 0) ::fcntl(fd, F_SETFL, flags);
    return number;
}

}  // namespace weir
