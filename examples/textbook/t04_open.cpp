// T4. socket(family, type, protocol): three arguments, one object. Protocol 0 is the default protocol of the type.
#include <weir/weir.h>

#include "lesson.h"

constexpr int tcp = 6;
constexpr int udp = 17;
constexpr int udp_lite = 136;
constexpr int mptcp = 262;

void print(const weir::socket& opened) {
    std::cout << to_string(must(opened.get(weir::option::domain))) << ' '
              << to_string(must(opened.get(weir::option::type))) << ": protocol "
              << must(opened.get(weir::option::protocol)) << '\n';
}

// Returns true if the kernel opened a socket with this protocol, or does not support the protocol.
bool is_possible(weir::socket_type type, int protocol) {
    const auto opened = weir::socket::open(weir::socket::ipv4, type, protocol);
    if (!opened) return opened == weir::errc::unsupported || opened == weir::errc::invalid;
    return must(opened->get(weir::option::protocol)) == protocol;
}

weir::task<> on_the_loop() {
    auto connected = weir::adopt(pair().client, weir::framing::lines());
    show(bool(connected), "on the loop: adopt() makes a channel of a connected stream socket");
    auto datagram = must(weir::socket::open(weir::socket::ipv4, weir::socket::datagram));
    auto refused = weir::adopt(std::move(datagram), weir::framing::lines());
    show(refused == weir::errc::invalid, "on the loop: a datagram socket is refused");
    co_return;
}

int main() {
    print(must(weir::socket::open(weir::socket::ipv4, weir::socket::stream)));
    print(must(weir::socket::open(weir::socket::ipv4, weir::socket::datagram)));
    print(must(weir::socket::open(weir::socket::ipv6, weir::socket::stream, tcp)));
    print(must(weir::socket::open(weir::socket::local, weir::socket::stream)));
    show(is_possible(weir::socket::stream, mptcp), "a stream may be MPTCP, protocol 262, if the kernel has it");
    show(is_possible(weir::socket::datagram, udp_lite),
         "a datagram may be UDP-Lite, protocol 136, if the kernel has it");

    const auto wrong = weir::socket::open(weir::socket::ipv4, weir::socket::stream, udp);
    show(!wrong, "a stream of UDP does not exist");
    const weir::socket nothing;
    show(!nothing.is_open() && nothing.fd() == -1, "a socket that was not opened has no descriptor");

    weir::run(on_the_loop());
}
