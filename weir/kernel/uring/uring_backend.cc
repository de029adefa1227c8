#include "weir/kernel/uring/uring_backend.h"

#include <poll.h>

#include <cerrno>
#include <new>
#include <utility>

#include "weir/kernel/uring/uring_stream.h"
#include "weir/kernel/uring/uring_trial.h"
#include "weir/socket/internal/system_error.h"

namespace weir::internal {

result<std::unique_ptr<uring_backend>> uring_backend::open(const uring_sizes& sizes) {
    if (auto tried = try_io_uring(); !tried) return tried.error();
    auto watched = readiness_set::open();
    if (!watched) return watched.error();
    auto ring = uring_ring::open(sizes);
    if (!ring) return ring.error();
    std::unique_ptr<uring_backend> made(new uring_backend(std::move(*watched), std::move(*ring), sizes.buffer_bytes));
    if (auto opened = made->buffers_.open(); !opened) return opened.error();
    return made;
}

// Waits for all requests, because closed streams exist until their requests have completed.
uring_backend::~uring_backend() {
    if (std::exchange(watch_, watch::ended) == watch::on) ring_->cancel(*this, something_is_ready);
    while (ring_->in_flight() != 0 || ring_->has_unsubmitted()) {
        ring_->wait(ring_->in_flight() != 0 ? deadline::never() : deadline(time_point::min()), {});
        ring_->complete([] { return false; });
    }
}

bool uring_backend::wait(deadline until) {
    if (watch_ == watch::off) watch_readiness();
    const bool whole = ring_->wait(until, until.is_never() ? time_point() : now());
    take_read_bytes();
    bool all = ring_->complete([this] { return has_read_enough(); });
    // Delivers as many events as epoll would, and then lets tasks run, because during a flood there are always more
    // events. The ring reports only changes, so a separate request announces the remaining events. The completion of
    // that request also wakes another event loop that polls the ring.
    if (std::exchange(is_ready_, false) && !readiness().wait(deadline(time_point::min()), {})) {
        all = false;
        ring_->request(*this, more_is_ready, [](io_uring_sqe* one) { io_uring_prep_nop(one); });
    }
    take_wake();
    return !std::exchange(looks_again_, false) && whole && all;
}

void uring_backend::submit() {
    if (ring_->has_unsubmitted()) ring_->settle();
}

// The request completes once for each change, like an edge-triggered epoll(7).
void uring_backend::watch_readiness() {
    watch_ = watch::on;
    ring_->request(*this, something_is_ready,
                   [&](io_uring_sqe* one) { io_uring_prep_poll_multishot(one, watched_fd(), POLLIN); });
}

void uring_backend::completed(operation which, int, unsigned flags) noexcept {
    is_ready_ = true;
    if (which == more_is_ready) return;
    if ((flags & IORING_CQE_F_MORE) == 0 && watch_ == watch::on) watch_readiness();
}

result<owned_stream> uring_backend::adopt(socket connected) try {
    return owned_stream(new uring_stream(*this, std::move(connected)));
} catch (const std::bad_alloc&) {
    return error(errc::no_memory, {}, {}, {}, ENOMEM);
}

}  // namespace weir::internal
