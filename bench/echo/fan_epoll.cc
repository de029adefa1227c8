// The limit of a fan-out on epoll(7): each message goes to all connections, the one that sent it too. It is sent from
// where it was read; what a kernel does not take of it is kept once, for all connections that still want some of it.
#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <deque>
#include <memory>
#include <vector>

#include "bench/echo/arguments.h"
#include "bench/echo/message_input.h"

namespace {

// The rest of a message: a reference, and from where on.
struct rest {
    std::shared_ptr<const bench::byte_pile> from;
    std::size_t at;
};

struct connection {
    connection(int made, bench::framing_by_hand how) : fd(made), input(how) {}

    int fd;
    bench::message_input input;
    std::deque<rest> unsent;
};

std::vector<connection*> all;

// How much the kernel took of it; it reports when it takes more.
std::size_t send_some(const connection& to, const char* from, std::size_t size) {
    std::size_t sent = 0;
    while (sent != size) {
        const ssize_t count = ::send(to.fd, from + sent, size - sent, MSG_NOSIGNAL);
        if (count < 0) break;  // an end is seen by recv(2)
        sent += static_cast<std::size_t>(count);
    }
    return sent;
}

void send_to_all(bench::byte_pile& said) {
    std::shared_ptr<const bench::byte_pile> kept;
    const char* const from = said.data();
    const std::size_t size = said.size();
    for (connection* const one : all) {
        const std::size_t sent = one->unsent.empty() ? send_some(*one, from, size) : 0;
        if (sent == size) continue;
        if (kept == nullptr) {
            auto copy = std::make_shared<bench::byte_pile>();
            copy->append(from, size);
            kept = std::move(copy);
        }
        one->unsent.push_back({kept, sent});
    }
    said.consume(size);
}

void send_rest(connection& to) {
    while (!to.unsent.empty()) {
        rest& first = to.unsent.front();
        first.at += send_some(to, first.from->data() + first.at, first.from->size() - first.at);
        if (first.at != first.from->size()) return;
        to.unsent.pop_front();
    }
}

// False when the connection has ended.
bool serve(connection& one) {
    static bench::byte_pile said;
    send_rest(one);
    for (;;) {
        std::size_t room = 0;
        char* const to = one.input.room(room);
        const ssize_t count = ::recv(one.fd, to, room, 0);
        if (count <= 0) return count < 0 && errno == EAGAIN;
        one.input.came(static_cast<std::size_t>(count), said);
        if (!said.empty()) send_to_all(said);
        if (static_cast<std::size_t>(count) < room) return true;
    }
}

void end(connection* one) {
    std::erase(all, one);
    ::close(one->fd);
    delete one;
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
                if (!serve(*one)) end(one);
                continue;
            }
            for (;;) {
                const int made = ::accept4(listening, nullptr, nullptr, SOCK_NONBLOCK);
                if (made < 0) break;
                wanted.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
                wanted.data.ptr = all.emplace_back(new connection(made, framing));
                ::epoll_ctl(ready, EPOLL_CTL_ADD, made, &wanted);
            }
        }
    }
}
