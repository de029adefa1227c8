#include "weir/kernel/common/retried_connect.h"

#include <sys/timerfd.h>

#include <cerrno>
#include <new>

#include "weir/kernel/common/kernel_backend.h"
#include "weir/socket/internal/system_error.h"

namespace weir::internal {

result<std::unique_ptr<connect_attempt>> retried_connect::begin(kernel_backend& backend, weir::socket connecting,
                                                                const address& peer, connect_attempt::user& one) {
    std::unique_ptr<retried_connect> made(new retried_connect(backend, std::move(connecting), peer, one));
    made->clock_ = descriptor(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
    if (!made->clock_.valid()) return error_of(errno, "connect", peer.to_string());
    if (auto watched = backend.readiness().watch(made->clock_.fd(), *made); !watched)
        return watched.error().during("connect", peer.to_string());
    if (!made->start_pause()) return error_of(errno, "connect", peer.to_string());
    return std::unique_ptr<connect_attempt>(std::move(made));
}

retried_connect::~retried_connect() {
    if (clock_.valid()) backend_.readiness().forget(clock_.fd());
}

// Setting the timer again clears its readiness, so the timer is never read.
bool retried_connect::start_pause() noexcept {
    itimerspec pause{};
    pause.it_value.tv_nsec = pauses_.next().count();
    return ::timerfd_settime(clock_.fd(), 0, &pause, nullptr) == 0;
}

void retried_connect::on_ready(std::uint32_t) noexcept {
    if (!socket_.is_open()) return;
    try {
        try_again();
    } catch (const std::bad_alloc&) {
        end({errc::no_memory, ENOMEM}, {});
    }
}

void retried_connect::try_again() {
    const auto connected = socket_.connect(peer_);
    if (!connected && connected.error().system_code() == EAGAIN) {
        if (start_pause()) return;
        return end({errc_of(errno), errno}, {});
    }
    if (!connected) return end(outcome::of(connected.error()), {});
    auto made = backend_.adopt(std::move(socket_));
    if (!made) return end(outcome::of(made.error()), {});
    end({}, std::move(*made));
}

void retried_connect::end(outcome how, owned_stream made) noexcept {
    backend_.readiness().forget(clock_.fd());
    static_cast<void>(clock_.close());
    static_cast<void>(socket_.close());
    user_.on_connected(how, std::move(made));
}

}  // namespace weir::internal
