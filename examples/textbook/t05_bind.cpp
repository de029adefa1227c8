// T5. bind((ip, port)) selects the local address. All of 127.0.0.0/8 is this machine, so 127.0.0.2 is used here as
// "another address of this machine". At the end: TIME_WAIT and option::reuse_address.
#include <weir/weir.h>

#include "lesson.h"

weir::socket listening_on(std::string_view here) {
    auto listener = must(weir::socket::open(weir::socket::ipv4, weir::socket::stream));
    must(listener.bind(here));
    must(listener.listen(5));
    return listener;
}

weir::result<void> connect(weir::address there) {
    auto client = must(weir::socket::open(weir::socket::ipv4, weir::socket::stream));
    return client.connect(there);
}

// A server closes its connection first and stops. Then the next server binds the same address.
weir::result<void> restart(bool reuse) {
    auto old = must(weir::socket::open(weir::socket::ipv4, weir::socket::stream));
    must(old.set(weir::option::reuse_address, reuse));
    must(old.bind("127.0.0.1:0"));
    must(old.listen(5));
    const auto here = must(old.local_address());
    auto client = must(weir::connect_to(here.to_string()));
    must(must(old.accept()).connection.close());  // this end of the connection will be in TIME_WAIT
    must(old.close());
    must(client.close());

    auto next = must(weir::socket::open(weir::socket::ipv4, weir::socket::stream));
    must(next.set(weir::option::reuse_address, reuse));
    return next.bind(here);
}

weir::task<> on_the_loop() {
    auto there = must(weir::server::listen("127.0.0.1:0", weir::framing::lines()));  // sets reuse_address
    show(there.local_address().port() != 0, "on the loop: the kernel chose a port");
    auto second = weir::server::listen(there.local_address().to_string(), weir::framing::lines());
    show(second == weir::errc::in_use, "on the loop: a second listener on this port is refused");
    co_return;
}

int main() {
    const auto one = listening_on("127.0.0.1:0");
    const auto port = must(one.local_address()).port();
    show(port != 0, "port 0: the kernel chose a port, and local_address() returns it");
    show(bool(connect(weir::address::ipv4(127, 0, 0, 1, port))), "bound to 127.0.0.1: a client reaches it there");
    show(connect(weir::address::ipv4(127, 0, 0, 2, port)) == weir::errc::refused, "at 127.0.0.2 the client is refused");

    const auto named = listening_on("localhost:0");
    show(must(named.local_address()).is_loopback(), "localhost is a name for the loopback address");

    const auto all = listening_on("0.0.0.0:0");
    const auto open_port = must(all.local_address()).port();
    show(bool(connect(weir::address::ipv4(127, 0, 0, 1, open_port))), "bound to 0.0.0.0: a client reaches 127.0.0.1");
    show(bool(connect(weir::address::ipv4(127, 0, 0, 2, open_port))), "and 127.0.0.2, too");

    auto late = must(weir::socket::open(weir::socket::ipv4, weir::socket::stream));
    show(late.bind(must(one.local_address())) == weir::errc::in_use, "a port with a listener is in use");
    show(late.bind("192.0.2.1:0") == weir::errc::not_available, "192.0.2.1 is not an address of this machine");

    show(restart(false) == weir::errc::in_use,
         "restart: the address is in use, although no socket listens (TIME_WAIT)");
    show(bool(restart(true)), "restart with reuse_address on both sockets: ok");
    weir::run(on_the_loop());
}
