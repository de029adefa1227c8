// T2. Datagram sockets: nobody connects, and each datagram is received whole, alone, or cut; never glued.
#include <weir/weir.h>

#include "lesson.h"

int main() {
    auto receiver = must(weir::socket::open(weir::socket::ipv4, weir::socket::datagram));
    must(receiver.bind("0.0.0.0:0"));
    const auto port = must(receiver.local_address()).port();

    auto sender = must(weir::socket::open(weir::socket::ipv4, weir::socket::datagram));
    for (const auto* word : {"one", "two", "three"}) must(sender.send_to(word, weir::address::loopback_ipv4(port)));
    for (int i = 0; i < 2; ++i) {
        const auto came = must(receiver.receive_from(1024));
        std::cout << "received \"" << came.payload.text() << "\"\n";
        if (i == 0) show(came.from.port() == must(sender.local_address()).port(), "it says who sent it");
    }
    const auto cut = must(receiver.receive_from(2));
    std::cout << "received \"" << cut.payload.text() << "\" of " << cut.full_size << " bytes\n";
    show(receiver.receive(2, weir::receive_flags::non_blocking) == weir::errc::would_block, "what did not fit is gone");

    must(sender.connect(weir::address::loopback_ipv4(port)));  // sends nothing: it only remembers the address
    must(sender.send(""));
    show(must(receiver.receive_from(1024)).full_size == 0, "an empty datagram is a datagram");

    auto caller = must(weir::socket::open(weir::socket::ipv4, weir::socket::datagram));
    const auto everybody = weir::address::ipv4(127, 255, 255, 255, port);
    show(caller.send_to("all", everybody) == weir::errc::not_permitted, "broadcast must be asked for");
    must(caller.set(weir::option::broadcast, true));
    must(caller.send_to("all", everybody));
    const auto shouted = must(receiver.receive_from(1024, weir::within(std::chrono::seconds(10))));
    std::cout << "received \"" << shouted.payload.text() << "\" by broadcast\n";
}
