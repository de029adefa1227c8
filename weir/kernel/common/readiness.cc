#include "weir/kernel/common/readiness.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "weir/base/check.h"
#include "weir/socket/internal/system_error.h"
#include "weir/socket/internal/wait.h"

namespace weir::internal {
namespace {

constexpr std::uint32_t both_ways = EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLRDHUP | EPOLLET;

// Rounds up: a wait that ends too early would be repeated at once.
int milliseconds(const timespec& left) {
    constexpr time_t most_seconds = 1'000'000;
    if (left.tv_sec >= most_seconds) return static_cast<int>(most_seconds * 1000);
    return static_cast<int>(left.tv_sec * 1000 + (left.tv_nsec + 999'999) / 1'000'000);
}

}  // namespace

// Makes one call of each kind that a loop needs later, so that this function returns an error if the kernel refuses
// one.
result<readiness_set> readiness_set::open() {
    descriptor epoll(::epoll_create1(EPOLL_CLOEXEC));
    if (!epoll.valid()) return internal::error_of(errno, "epoll_create1");
    descriptor wakeup(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!wakeup.valid()) return internal::error_of(errno, "eventfd");
    epoll_event wanted{};
    wanted.events = EPOLLIN | EPOLLET;
    if (::epoll_ctl(epoll.fd(), EPOLL_CTL_ADD, wakeup.fd(), &wanted) != 0)
        return internal::error_of(errno, "epoll_ctl");
    readiness_set made(std::move(epoll), std::move(wakeup));
    epoll_event none{};
    if (made.wait_for_events(&none, 1, deadline(time_point::min()), {}) < 0 && errno != EINTR)
        return internal::error_of(errno, "epoll_wait");
    return made;
}

result<void> readiness_set::watch(int fd, readiness_item& item) {
    epoll_event wanted{};
    wanted.events = both_ways;
    wanted.data.ptr = &item;
    if (::epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, fd, &wanted) == 0) return {};
    return internal::error_of(errno, "watch");
}

void readiness_set::forget(int fd) noexcept { ::epoll_ctl(epoll_.fd(), EPOLL_CTL_DEL, fd, nullptr); }

int readiness_set::wait_for_events(epoll_event* events, int most, deadline until, time_point now) noexcept {
    const timespec left = until.is_never() ? timespec{} : internal::time_left(until, now);
    if (!is_old_) {
        const int count = ::epoll_pwait2(epoll_.fd(), events, most, until.is_never() ? nullptr : &left, nullptr);
        if (count >= 0 || errno == EINTR) return count;
        is_old_ = true;
    }
    return ::epoll_wait(epoll_.fd(), events, most, until.is_never() ? -1 : milliseconds(left));
}

bool readiness_set::wait(deadline until, time_point now, std::size_t most) {
    std::array<epoll_event, most_events> events;
    const auto limit = static_cast<int>(most);
    const int count = wait_for_events(events.data(), limit, until, now);
    WEIR_CHECK(count >= 0 || errno == EINTR,
               "epoll_wait(2) is refused, by a filter that was installed after the loop was opened: " +
                   internal::describe_errno(errno));
    for (int i = 0; i < count; ++i) {
        auto* const item = static_cast<readiness_item*>(events[static_cast<std::size_t>(i)].data.ptr);
        if (item != nullptr) item->on_ready(events[static_cast<std::size_t>(i)].events);
    }
    return count >= 0 && count < limit;
}

void readiness_set::wake() noexcept {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wakeup_.fd(), &one, sizeof one);
}

}  // namespace weir::internal
