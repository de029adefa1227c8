// weir::framing on bare POSIX sockets: a server and a client, two descriptors of one poll() loop, exchange messages
// over loopback. Each write and read may transfer any number of bytes; the messages still arrive whole.
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <weir/framing/decoder.h>
#include <weir/framing/encoder.h>

#include <array>
#include <cerrno>
#include <iostream>

struct peer {
    int fd;
    weir::buffer out{};  // bytes to be sent
    weir::decoder decode{weir::framing::lines()};
    weir::encoder encode{weir::framing::lines()};

    void send(weir::bytes_view message) {
        if (auto made = encode.encode(message, out); !made) made.error().print();
    }
    pollfd wanted() const { return {fd, static_cast<short>(out.empty() ? POLLIN : POLLIN | POLLOUT), 0}; }
    // Sends and receives once, if poll() has reported that it is possible, and passes each message to `to`. Returns
    // false at the end of the stream and after a failure.
    template <class To>
    bool turn(short possible, To to) {
        const bool sends = (possible & POLLOUT) != 0;
        const ssize_t sent = sends ? ::send(fd, out.data(), out.size(), MSG_NOSIGNAL | MSG_DONTWAIT) : 0;
        if (sent > 0) out.consume(static_cast<std::size_t>(sent));
        if ((possible & (POLLIN | POLLHUP | POLLERR)) == 0) return true;
        std::array<std::byte, 4096> input;
        const ssize_t came = ::recv(fd, input.data(), input.size(), MSG_DONTWAIT);
        if (came < 0) return errno == EAGAIN;
        came == 0 ? decode.finish() : decode.feed({input.data(), static_cast<std::size_t>(came)});
        auto step = decode.next();
        for (; step.what == weir::decoder::message; step = decode.next())
            to(step.payload);
        return step.what == weir::decoder::more;
    }
};

int main() {
    sockaddr_in address{AF_INET, 0, {htonl(INADDR_LOOPBACK)}, {}};
    auto* const name = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    if (::bind(listener, name, size) + ::listen(listener, 1) + ::getsockname(listener, name, &size) != 0) return 1;
    peer client{::socket(AF_INET, SOCK_STREAM, 0)};
    if (::connect(client.fd, name, size) != 0) return 1;
    peer server{::accept(listener, nullptr, nullptr)};
    for (const auto* const text : {"three", "messages", ""})
        client.send(text);
    for (int answers = 0; answers < 3;) {
        std::array<pollfd, 2> both{server.wanted(), client.wanted()};
        if (::poll(both.data(), both.size(), 5000) <= 0) return 1;
        if (!server.turn(both[0].revents, [&](weir::bytes_view message) { server.send(message); })) return 1;
        const auto print = [&](weir::bytes_view message) {
            std::cout << "back came \"" << message.text() << "\"\n";
            ++answers;
        };
        if (!client.turn(both[1].revents, print)) return 1;
    }
}
