// T5. bind((ip, port)): which of this machine's addresses. All of 127.0.0.0/8 is this machine, so 127.0.0.2 plays the
// part of "another address" here.
#include <weir/weir.h>

#include "lesson.h"

weir::socket listening_on(std::string_view here) {
    auto listener = must(weir::socket::open(weir::socket::ipv4, weir::socket::stream));
    must(listener.bind(here));
    must(listener.listen(5));
    return listener;
}

weir::result<void> call(weir::address there) {
    auto client = must(weir::socket::open(weir::socket::ipv4, weir::socket::stream));
    return client.connect(there);
}

int main() {
    const auto one = listening_on("127.0.0.1:0");
    const auto port = must(one.local_address()).port();
    show(port != 0, "port 0: the kernel chose one, and local_address() tells");
    show(bool(call(weir::address::ipv4(127, 0, 0, 1, port))), "bound to 127.0.0.1: a call to 127.0.0.1 comes in");
    show(call(weir::address::ipv4(127, 0, 0, 2, port)) == weir::errc::refused, "a call to 127.0.0.2 is refused");

    const auto named = listening_on("localhost:0");
    show(must(named.local_address()).is_loopback(), "localhost is looked up, and is the loopback address");

    const auto all = listening_on("0.0.0.0:0");
    const auto open_port = must(all.local_address()).port();
    show(bool(call(weir::address::ipv4(127, 0, 0, 1, open_port))), "bound to 0.0.0.0: a call to 127.0.0.1 comes in");
    show(bool(call(weir::address::ipv4(127, 0, 0, 2, open_port))), "a call to 127.0.0.2 comes in too");

    auto late = must(weir::socket::open(weir::socket::ipv4, weir::socket::stream));
    show(late.bind(must(one.local_address())) == weir::errc::in_use, "a port that somebody listens on is in use");
    show(late.bind("192.0.2.1:0") == weir::errc::not_available, "192.0.2.1 is not an address of this machine");
}
