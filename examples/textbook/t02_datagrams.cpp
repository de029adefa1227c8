// T2. Datagram sockets: without a connection. One send is one receive: a datagram is never joined with another one, and
// what does not fit into the buffer is cut off.
#include <weir/weir.h>

#include "lesson.h"
using namespace std::chrono_literals;

weir::task<> on_the_loop() {
    auto receiver = must(weir::datagram_channel::bind(weir::address::loopback_ipv4(0)));
    auto sender = must(weir::datagram_channel::connect(receiver.local_address()));
    for (const auto* word : {"one", "two", "three"}) must(co_await sender.send(word));
    for (int i = 0; i < 3; ++i) {
        auto came = co_await receiver.receive();
        std::cout << "on the loop: received \"" << must(came).text() << "\"\n";
    }
}

int main() {
    auto receiver = must(weir::socket::open(weir::socket::ipv4, weir::socket::datagram));
    must(receiver.bind("0.0.0.0:0"));
    const auto port = must(receiver.local_address()).port();

    auto sender = must(weir::socket::open(weir::socket::ipv4, weir::socket::datagram));
    for (const auto* word : {"one", "two", "three"}) must(sender.send_to(word, weir::address::loopback_ipv4(port)));
    const auto first = must(receiver.receive_from(1024));
    std::cout << "received \"" << first.payload.text() << "\"\n";
    show(first.from.port() == must(sender.local_address()).port(), "its sender's address comes with it");
    std::cout << "received \"" << must(receiver.receive_from(1024)).payload.text() << "\"\n";
    const auto cut = must(receiver.receive_from(2));
    std::cout << "received \"" << cut.payload.text() << "\" of " << cut.full_size << " bytes\n";
    show(receiver.receive(2, weir::receive_flags::non_blocking) == weir::errc::would_block, "the rest of it is lost");

    must(sender.connect(weir::address::loopback_ipv4(port)));  // sends nothing: it only sets the destination
    must(sender.send(""));
    show(must(receiver.receive_from(1024)).full_size == 0, "an empty datagram arrives, too");

    auto announcer = must(weir::socket::open(weir::socket::ipv4, weir::socket::datagram));
    const auto everyone = weir::address::ipv4(127, 255, 255, 255, port);
    show(announcer.send_to("all", everyone) == weir::errc::not_permitted,
         "broadcast without the option: not permitted");
    must(announcer.set(weir::option::broadcast, true));
    must(announcer.send_to("all", everyone));
    const auto announced = must(receiver.receive_from(1024, weir::within(10s)));
    std::cout << "received \"" << announced.payload.text() << "\" by broadcast\n";

    weir::run(on_the_loop());
}
