// The limit on epoll(7): what somebody writes by hand who knows the kernel and wants nothing but this. Edge-triggered,
// registered once; a read that did not fill its room is not tried again; all that a read asks is answered by one
// send(2).
#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "bench/echo/arguments.h"
#include "bench/echo/message_input.h"

namespace {

struct connection {
    connection(int made, bench::framing_by_hand how) : fd(made), input(how) {}

    int fd;
    bench::message_input input;
    bench::byte_pile unsent;
};

// Answers of one read, on their way to send(2).
bench::byte_pile answers;

// False when the connection has ended.
bool send_all(connection& to, bench::byte_pile& from) {
    while (!from.empty()) {
        const ssize_t count = ::send(to.fd, from.data(), from.size(), MSG_NOSIGNAL);
        if (count < 0) return errno == EAGAIN;
        from.consume(static_cast<std::size_t>(count));
    }
    return true;
}

bool serve(connection& one) {
    if (!one.unsent.empty() && !send_all(one, one.unsent)) return false;
    while (one.unsent.empty()) {
        std::size_t room = 0;
        char* const to = one.input.room(room);
        const ssize_t count = ::recv(one.fd, to, room, 0);
        if (count <= 0) return count < 0 && errno == EAGAIN;
        one.input.came(static_cast<std::size_t>(count), answers);
        if (!send_all(one, answers)) return false;
        if (!answers.empty()) {
            one.unsent.append(answers.data(), answers.size());
            answers.consume(answers.size());
        }
        if (static_cast<std::size_t>(count) < room) return true;
    }
    return true;
}

}  // namespace

int main(int count, char** texts) {
    const auto how = bench::read_arguments(count, texts);
    const auto framing = bench::framing_named(how.framing);
    const int listening = bench::listen_by_hand(how.port, SOCK_NONBLOCK);
    const int ready = ::epoll_create1(0);
    epoll_event wanted{};
    wanted.events = EPOLLIN;
    ::epoll_ctl(ready, EPOLL_CTL_ADD, listening, &wanted);
    std::array<epoll_event, 256> events;
    for (;;) {
        const int found = ::epoll_wait(ready, events.data(), static_cast<int>(events.size()), -1);
        for (int i = 0; i < found; ++i) {
            auto* const one = static_cast<connection*>(events[static_cast<std::size_t>(i)].data.ptr);
            if (one != nullptr) {
                if (serve(*one)) continue;
                answers.consume(answers.size());
                ::close(one->fd);
                delete one;
                continue;
            }
            for (;;) {
                const int made = ::accept4(listening, nullptr, nullptr, SOCK_NONBLOCK);
                if (made < 0) break;
                wanted.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
                wanted.data.ptr = new connection(made, framing);
                ::epoll_ctl(ready, EPOLL_CTL_ADD, made, &wanted);
            }
        }
    }
}
