// T4. socket(family, type, protocol): three questions, one object. Protocol 0 is the type's usual one.
#include <weir/weir.h>

#include "lesson.h"

void tell(const weir::socket& opened) {
    std::cout << to_string(must(opened.get(weir::option::domain))) << ' '
              << to_string(must(opened.get(weir::option::type))) << ": protocol "
              << must(opened.get(weir::option::protocol)) << '\n';
}

int main() {
    tell(must(weir::socket::open(weir::socket::ipv4, weir::socket::stream)));
    tell(must(weir::socket::open(weir::socket::ipv4, weir::socket::datagram)));
    tell(must(weir::socket::open(weir::socket::ipv6, weir::socket::stream, 6)));
    tell(must(weir::socket::open(weir::socket::local, weir::socket::stream)));

    const auto udp_as_stream = weir::socket::open(weir::socket::ipv4, weir::socket::stream, 17);
    show(!udp_as_stream, "a stream of UDP: there is no such thing");
    const weir::socket nothing;
    show(!nothing.is_open() && nothing.fd() == -1, "a socket that was not opened has no descriptor");
}
