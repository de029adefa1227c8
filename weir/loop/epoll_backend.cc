#include "weir/loop/epoll_backend.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <ctime>

#include "weir/base/check.h"
#include "weir/socket/clock.h"

namespace weir {
namespace {

// For epoll_pwait2(2): how long from now.
timespec time_left(deadline until, time_point now) {
    if (until.passed(now)) return {0, 0};
    const duration left = until.at() - now;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    return {static_cast<time_t>(seconds.count()), static_cast<long>((left - seconds).count())};
}

}  // namespace

epoll_backend::epoll_backend()
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)), wakeup_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    WEIR_CHECK(epoll_.valid() && wakeup_.valid(), "no descriptors for a loop");
    epoll_event wanted{};
    wanted.events = EPOLLIN | EPOLLET;
    ::epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, wakeup_.fd(), &wanted);
}

time_point epoll_backend::now() { return weir::now(); }

void epoll_backend::wait(deadline until) {
    std::array<epoll_event, 128> events;
    const timespec left = until.is_never() ? timespec{} : time_left(until, now());
    ::epoll_pwait2(epoll_.fd(), events.data(), static_cast<int>(events.size()), until.is_never() ? nullptr : &left,
                   nullptr);
    awake_ = false;  // whoever finds it true until here is seen by what the loop does next
}

void epoll_backend::wake() noexcept {
    if (awake_.exchange(true)) return;
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wakeup_.fd(), &one, sizeof one);
}

}  // namespace weir
