// The limit on epoll(7): a server written by hand for this benchmark alone. It is edge-triggered, and registers each
// connection once. It does not repeat a read that did not fill its buffer. One send(2) answers all messages of a read.
#include <sys/socket.h>

#include <cerrno>

#include "bench/echo/arguments.h"
#include "bench/echo/message_input.h"
#include "bench/echo/serve_by_hand.h"

namespace {

struct connection {
    connection(int made, bench::framing_by_hand how) : fd(made), input(how) {}

    int fd;
    bench::message_input input;
    bench::byte_pile unsent;
};

// The answers to the messages of one read; one send(2) sends them all.
bench::byte_pile answers;

// Returns false when the connection has ended.
bool serve(connection& one) {
    if (!one.unsent.empty() && !bench::send_all(one.fd, one.unsent)) return false;
    while (one.unsent.empty()) {
        std::size_t room = 0;
        char* const to = one.input.room(room);
        const ssize_t count = ::recv(one.fd, to, room, 0);
        if (count <= 0) return count < 0 && errno == EAGAIN;
        one.input.came(static_cast<std::size_t>(count), answers);
        if (!bench::send_all(one.fd, answers)) return false;
        bench::keep(answers, one.unsent);
        if (static_cast<std::size_t>(count) < room) return true;
    }
    return true;
}

}  // namespace

int main(int count, char** texts) {
    const auto how = bench::read_arguments(count, texts);
    const auto framing = bench::framing_named(how.framing);
    bench::serve_by_hand(
        how.port, [&](int made) { return new connection(made, framing); }, serve,
        [](connection&) { answers.consume(answers.size()); });
}
