#include "weir/socket/internal/send_timeout.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <cerrno>

#include "weir/socket/clock.h"
#include "weir/socket/internal/back_off.h"
#include "weir/socket/internal/wait.h"

namespace weir::internal {
namespace {

// Returns how long a blocking call may wait, rounded up to a microsecond: zero would mean no limit.
timeval longest_wait(deadline until, time_point at) noexcept {
    constexpr duration longest = std::chrono::hours(24);  // after that the call is repeated
    const auto left = std::chrono::ceil<std::chrono::microseconds>(std::min(until.at() - at, longest));
    const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
    return {seconds.count(), (left - seconds).count()};
}

// Repeats the call after pauses, without waiting inside it. The last try is made when the deadline has passed, because
// a pause comes before each try.
int after_pauses(deadline until, int (*call)(void*), void* data) noexcept {
    back_off pauses;
    int number = EAGAIN;
    while (number == EAGAIN || number == EINTR) {
        const time_point at = now();
        if (until.passed(at)) return ETIME;
        const timespec pause = time_left(std::min(until, deadline(at + pauses.next())), at);
        ::ppoll(nullptr, 0, &pause, nullptr);
        number = call(data);
    }
    return number;
}

}  // namespace

int within_send_timeout(int fd, deadline until, int (*call)(void*), void* data) noexcept {
    const int flags = ::fcntl(fd, F_GETFL);
    if (flags < 0) return errno;
    if ((flags & O_NONBLOCK) != 0) return after_pauses(until, call, data);
    timeval before{};
    socklen_t size = sizeof before;
    if (::getsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &before, &size) != 0) return errno;
    int number = EAGAIN;
    while (number == EAGAIN || number == EINTR) {
        const time_point at = now();
        if (until.passed(at)) {
            number = ETIME;
            break;
        }
        const timeval left = longest_wait(until, at);
        number = ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &left, sizeof left) == 0 ? call(data) : errno;
    }
    ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &before, sizeof before);
    return number;
}

}  // namespace weir::internal
