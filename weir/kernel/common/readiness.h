// A set of descriptors whose readiness epoll(7) watches, and an item for each of them. Private.
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
    // Called once for each change of readiness (edge-triggered), with EPOLLIN, EPOLLOUT and so on. The function must
    // not close any item.
    virtual void on_ready(std::uint32_t events) noexcept = 0;

protected:
    ~readiness_item() = default;
};

// Thread safety: its loop's thread, except for wake().
class readiness_set {
public:
    // The most events that are delivered in a turn. A connection that receives in a turn sends in the same turn. With
    // few connections in a turn, their memory is then still in the cache. Also, the kernel then collects fewer buffers
    // between receiving and sending that it has to return to other cores.
    static constexpr std::size_t most_events = 64;

    // Opens a set, which uses two descriptors. Errors: errc::no_descriptors, no_memory, or not_permitted where a
    // seccomp filter refuses epoll(7).
    static result<readiness_set> open();
    readiness_set(readiness_set&&) noexcept = default;

    // Watches the descriptor in both directions from now on, edge-triggered. Add each descriptor only once.
    result<void> watch(int fd, readiness_item& item);
    // Removes the descriptor. Call it before the descriptor is closed: otherwise a duplicate, in a forked process or
    // another loop, would keep it in the set.
    void forget(int fd) noexcept;

    // Waits for events until `until`, and delivers at most `most` of them. Returns false when there may be more, as
    // backend::wait() does.
    bool wait(deadline until, time_point now, std::size_t most = most_events);
    // Ends the wait in progress, or the next one. Call it from any thread, or from a signal handler.
    void wake() noexcept;

    // Returns the descriptor that is readable when there are events to deliver.
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
