// T3. Raw sockets: below TCP and UDP. This is ping: we write the ICMP message, the kernel writes the IP header, and a
// received packet has both.
#include <weir/weir.h>

#include "lesson.h"

int main() {
    auto opened = weir::socket::open(weir::socket::ipv4, weir::socket::raw, weir::protocol_icmp);
    if (opened == weir::errc::not_permitted) {
        std::cout << "not permitted here: " << opened.error().message() << '\n';
        return 0;
    }
    auto ping = must(std::move(opened));

    weir::icmp_echo question;
    question.identifier = 0x7031;
    question.sequence = 1;
    question.payload = "is anybody there?";
    must(ping.send_to(question.pack(weir::socket::ipv4), weir::address::loopback_ipv4(0)));

    const auto until = weir::within(std::chrono::seconds(10));
    while (true) {  // a raw socket hears all ICMP of this machine: our own question too
        const auto came = must(ping.receive_from(weir::socket::largest_datagram, until));
        const auto packet = must(weir::ipv4_packet::parse(came.payload));
        const auto answer = weir::icmp_echo::parse(weir::socket::ipv4, packet.payload);
        if (!answer || !answer->is_reply || answer->identifier != question.identifier) continue;
        std::cout << "IPv4 header: " << came.payload.size() - packet.payload.size() << " bytes, protocol "
                  << int{packet.header.protocol} << '\n';
        std::cout << "ICMP echo reply " << answer->sequence << ": " << answer->payload.text() << '\n';
        break;
    }
}
