// Descriptors whose readiness is watched by epoll(7), and the item of each. Private.
#pragma once

#include <cstdint>
#include <utility>

#include "weir/base/result.h"
#include "weir/base/time.h"
#include "weir/socket/descriptor.h"

struct epoll_event;

namespace weir::internal {

class readiness_item {
public:
    // Called once for each change (edge-triggered) with EPOLLIN, EPOLLOUT and so on. It must not close an item in this
    // call.
    virtual void on_ready(std::uint32_t events) noexcept = 0;

protected:
    ~readiness_item() = default;
};

// Thread safety: its loop's thread, except for wake().
class readiness_set {
public:
    // The most events that are delivered in a turn. A connection that receives in a turn sends in the same turn: its
    // memory is still in the cache then, and buffers that the kernel frees for other cores do not pile up between
    // receiving and sending.
    static constexpr std::size_t most_events = 64;

    // Takes two descriptors. Errors: errc::no_descriptors, no_memory, or not_permitted where a seccomp filter refuses
    // epoll(7).
    static result<readiness_set> open();
    readiness_set(readiness_set&&) noexcept = default;

    // Watches both directions from now on, edge-triggered. Add a socket once.
    result<void> watch(int fd, readiness_item& item);
    // Call it before the descriptor is closed: a copy of it, in a forked process or another loop, would keep it in the
    // set.
    void forget(int fd) noexcept;

    // Waits for events until `until`, and delivers `most` of them at most. Returns false when there may be
    // more, as backend::wait() does.
    bool wait(deadline until, time_point now, std::size_t most = most_events);
    // Ends the wait in progress, or the next one. Call it from any thread, or from a signal handler.
    void wake() noexcept;

    // The descriptor that is readable when there are events to deliver.
    int fd() const noexcept { return epoll_.fd(); }

private:
    readiness_set(descriptor epoll, descriptor wakeup) noexcept
        : epoll_(std::move(epoll)), wakeup_(std::move(wakeup)) {}
    int wait_for_events(epoll_event* events, int most, deadline until, time_point now) noexcept;

    descriptor epoll_;
    descriptor wakeup_;    // an eventfd(2)
    bool is_old_ = false;  // no epoll_pwait2(2): before Linux 5.11, or a filter refuses it
};

}  // namespace weir::internal
