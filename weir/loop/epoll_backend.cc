#include "weir/loop/epoll_backend.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <ctime>

#include "weir/base/check.h"
#include "weir/loop/epoll_acceptor.h"
#include "weir/loop/epoll_attempt.h"
#include "weir/loop/epoll_port.h"
#include "weir/loop/epoll_stream.h"
#include "weir/socket/clock.h"
#include "weir/socket/resolve.h"
#include "weir/socket/system_error.h"

namespace weir {
namespace {

constexpr std::uint32_t both_ways = EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLRDHUP | EPOLLET;

// For epoll_pwait2(2): how long from now.
timespec time_left(deadline until, time_point now) {
    if (until.passed(now)) return {0, 0};
    const duration left = until.at() - now;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    return {static_cast<time_t>(seconds.count()), static_cast<long>((left - seconds).count())};
}

// Rounded up: a wait that ends too early would be made again at once.
int milliseconds(const timespec& left) {
    constexpr time_t most_seconds = 1'000'000;
    if (left.tv_sec >= most_seconds) return static_cast<int>(most_seconds * 1000);
    return static_cast<int>(left.tv_sec * 1000 + (left.tv_nsec + 999'999) / 1'000'000);
}

}  // namespace

epoll_backend::epoll_backend()
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)), wakeup_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), signals_(*this) {
    WEIR_CHECK(epoll_.valid() && wakeup_.valid(), "no descriptors for a loop");
    epoll_event wanted{};
    wanted.events = EPOLLIN | EPOLLET;
    ::epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, wakeup_.fd(), &wanted);
}

time_point epoll_backend::now() { return weir::now(); }

std::uint64_t epoll_backend::random() {
    std::uint64_t drawn = 0;
    WEIR_CHECK(::getrandom(&drawn, sizeof drawn, 0) == sizeof drawn, "getrandom(2) gives nothing");
    return drawn;
}

void epoll_backend::wait(deadline until) {
    std::array<epoll_event, 256> events;
    const timespec left = until.is_never() ? timespec{} : time_left(until, now());
    const auto most = static_cast<int>(events.size());
    int count = -1;
    if (!is_old_) {
        count = ::epoll_pwait2(epoll_.fd(), events.data(), most, until.is_never() ? nullptr : &left, nullptr);
        is_old_ = count < 0 && errno != EINTR;
    }
    if (is_old_) count = ::epoll_wait(epoll_.fd(), events.data(), most, until.is_never() ? -1 : milliseconds(left));
    WEIR_CHECK(count >= 0 || errno == EINTR, "epoll_wait(2) fails: " + describe_errno(errno));
    const bool was_woken =
        awake_.exchange(false);  // whoever finds it true until here is seen by what the loop does next
    for (int i = 0; i < count; ++i) {
        auto* const item = static_cast<epoll_item*>(events[static_cast<std::size_t>(i)].data.ptr);
        if (item != nullptr) item->happened(events[static_cast<std::size_t>(i)].events);
    }
    if (was_woken) signals_.tell();
}

void epoll_backend::wake() noexcept {
    if (awake_.exchange(true)) return;
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wakeup_.fd(), &one, sizeof one);
}

void epoll_backend::forget(const socket& one) noexcept { ::epoll_ctl(epoll_.fd(), EPOLL_CTL_DEL, one.fd(), nullptr); }

result<void> epoll_backend::watch(const socket& one, int operation, std::uint32_t events, epoll_item& item) {
    epoll_event wanted{};
    wanted.events = events;
    wanted.data.ptr = &item;
    if (::epoll_ctl(epoll_.fd(), operation, one.fd(), &wanted) == 0) return {};
    return error_of(errno, "watch");
}

result<owned_stream> epoll_backend::adopt(socket connected) { return adopt(std::move(connected), EPOLL_CTL_ADD); }
result<owned_stream> epoll_backend::adopt_again(socket connected) { return adopt(std::move(connected), EPOLL_CTL_MOD); }

result<owned_stream> epoll_backend::adopt(socket connected, int operation) {
    // What a turn has to send leaves at once and in one piece: Nagle's algorithm would only hold it back, tcp(7).
    if (connected.family() != address_family::local) static_cast<void>(connected.set(option::no_delay, true));
    const int fd = connected.fd();
    auto* const made = new epoll_stream(*this, std::move(connected));
    owned_stream owned(made);
    epoll_event wanted{};
    wanted.events = both_ways;
    wanted.data.ptr = static_cast<epoll_item*>(made);
    if (::epoll_ctl(epoll_.fd(), operation, fd, &wanted) == 0) return owned;
    return error_of(errno, "watch");
}

result<owned_acceptor> epoll_backend::listen(std::string_view here, listen_options how) {
    auto made = listen_on(here, how);
    if (!made) return made.error();
    return accept_from(std::move(*made));
}

result<owned_acceptor> epoll_backend::listen_beside(const acceptor& other) {
    const auto& listening = static_cast<const epoll_acceptor&>(other).listening();
    descriptor copy(::fcntl(listening.fd(), F_DUPFD_CLOEXEC, 0));
    if (!copy.valid()) return error_of(errno, "listen", other.local_address().to_string());
    auto made = socket::from_fd(copy.fd());
    if (!made) return made.error();
    static_cast<void>(copy.release());
    return accept_from(std::move(*made));
}

result<owned_acceptor> epoll_backend::accept_from(socket listening) {
    if (auto set = listening.set_blocking(false); !set) return set.error();
    auto* const made = new epoll_acceptor(*this, std::move(listening));
    owned_acceptor owned(made);
    if (auto added = watch(made->listening(), EPOLL_CTL_ADD, EPOLLIN | EPOLLET, *made); !added) return added.error();
    return owned;
}

result<std::unique_ptr<attempt>> epoll_backend::connect(const address& peer, attempt::user& told) {
    auto opened = socket::open(peer.family(), socket::stream);
    if (!opened) return opened.error().during("connect", peer.to_string());
    if (auto set = opened->set_blocking(false); !set) return set.error().during("connect", peer.to_string());
    auto begun = opened->connect(peer);
    if (!begun && begun.error().system_code() != EINPROGRESS && begun.error().system_code() != EINTR)
        return begun.error();
    auto made = std::make_unique<epoll_attempt>(*this, std::move(*opened), told);
    if (auto added = watch(made->connecting(), EPOLL_CTL_ADD, both_ways, *made); !added)
        return added.error().during("connect", peer.to_string());
    return std::unique_ptr<attempt>(std::move(made));
}

result<owned_port> epoll_backend::open_port(const address& here, const address& peer) {
    const bool bound = here.family() != address_family::none;
    const address& named = bound ? here : peer;
    auto opened = socket::open(named.family(), socket::datagram);
    result<void> done = opened ? opened->set_blocking(false) : opened.error();
    if (done && bound) done = opened->bind(here);
    if (done && peer.family() != address_family::none) done = opened->connect(peer);
    if (!done) return done.error().during("open", named.to_string());
    auto* const made = new epoll_port(*this, std::move(*opened));
    owned_port owned(made);
    if (auto added = watch(made->opened(), EPOLL_CTL_ADD, both_ways, *made); !added) return added.error();
    return owned;
}

result<std::vector<address>> epoll_backend::look_up(std::string_view text) { return resolve(text); }

result<std::unique_ptr<signal_watch>> epoll_backend::watch(signal which, std::function<void()> told) {
    return signals_.watch(which, std::move(told));
}

}  // namespace weir
