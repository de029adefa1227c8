// The limit of a fan-out on epoll(7): each message goes to all connections, including its sender. It is sent from the
// buffer that it was read into. What the kernel does not take is copied once, for all connections that need it.
#include <sys/socket.h>

#include <cerrno>
#include <deque>
#include <memory>
#include <vector>

#include "bench/echo/arguments.h"
#include "bench/echo/message_input.h"
#include "bench/echo/serve_by_hand.h"

namespace {

// The unsent rest of a message: a shared copy of the bytes, and the offset at which the rest begins.
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

// Returns how many bytes the kernel took. epoll reports when the kernel can take more.
std::size_t send_some(const connection& to, const char* from, std::size_t size) {
    std::size_t sent = 0;
    while (sent != size) {
        const ssize_t count = ::send(to.fd, from + sent, size - sent, MSG_NOSIGNAL);
        if (count < 0) break;  // recv(2) will report an end
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

// Returns false when the connection has ended.
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

}  // namespace

int main(int count, char** texts) {
    const auto how = bench::read_arguments(count, texts);
    const auto framing = bench::framing_named(how.framing);
    bench::serve_by_hand(
        how.port, [&](int made) { return all.emplace_back(new connection(made, framing)); }, serve,
        [](connection& one) { std::erase(all, &one); });
}
