// The loop of the hand-written servers on epoll(7): edge-triggered, each connection registered once.
#pragma once

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "bench/echo/arguments.h"
#include "bench/echo/message_input.h"

namespace bench {

// Sends as many bytes as the kernel takes, and keeps the rest in `from`. Returns false when the connection has ended.
inline bool send_all(int fd, byte_pile& from) {
    while (!from.empty()) {
        const ssize_t count = ::send(fd, from.data(), from.size(), MSG_NOSIGNAL);
        if (count < 0) return errno == EAGAIN;
        from.consume(static_cast<std::size_t>(count));
    }
    return true;
}

// Moves the bytes that the kernel did not take from the shared buffer to the buffer of the connection.
inline void keep(byte_pile& shared, byte_pile& unsent) {
    if (shared.empty()) return;
    unsent.append(shared.data(), shared.size());
    shared.consume(shared.size());
}

// Never returns. `accepted(fd)` returns a connection that it made with `new`. `serve(connection)` returns false when
// the connection has ended. Then `ended(connection)` is called, and the connection is closed and deleted.
template <class Accepted, class Serve, class Ended>
[[noreturn]] void serve_by_hand(std::uint16_t port, Accepted accepted, Serve serve, Ended ended) {
    using connection = decltype(accepted(0));
    const int listening = listen_by_hand(port, SOCK_NONBLOCK);
    const int ready = ::epoll_create1(0);
    epoll_event wanted{};
    wanted.events = EPOLLIN;
    ::epoll_ctl(ready, EPOLL_CTL_ADD, listening, &wanted);
    std::array<epoll_event, 256> events;
    for (;;) {
        const int found = ::epoll_wait(ready, events.data(), static_cast<int>(events.size()), -1);
        for (int i = 0; i < found; ++i) {
            auto const one = static_cast<connection>(events[static_cast<std::size_t>(i)].data.ptr);
            if (one != nullptr) {
                if (serve(*one)) continue;
                ended(*one);
                ::close(one->fd);
                delete one;
                continue;
            }
            for (;;) {
                const int made = ::accept4(listening, nullptr, nullptr, SOCK_NONBLOCK);
                if (made < 0) break;
                wanted.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
                wanted.data.ptr = accepted(made);
                ::epoll_ctl(ready, EPOLL_CTL_ADD, made, &wanted);
            }
        }
    }
}

}  // namespace bench
