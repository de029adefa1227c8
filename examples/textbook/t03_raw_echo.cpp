// T3. Raw sockets: below TCP and UDP. This program is a ping: it writes the ICMP message, the kernel writes the IP
// header, and a received packet has both.
#include <weir/weir.h>

#include "lesson.h"

constexpr std::uint16_t identifier = 0x7031;

void send_request(weir::socket& ping, std::uint16_t sequence) {
    weir::icmp_echo request;
    request.identifier = identifier;
    request.sequence = sequence;
    request.payload = "hello";
    must(ping.send_to(request.pack(weir::socket::ipv4), weir::address::loopback_ipv4(0)));
}

// Receives until a packet has our identifier: a raw socket receives all ICMP of this machine.
weir::icmp_echo next_echo(weir::socket& ping) {
    const auto until = weir::within(std::chrono::seconds(10));
    while (true) {
        const auto came = must(ping.receive_from(weir::socket::largest_datagram, until));
        const auto packet = must(weir::ipv4_packet::parse(came.payload));
        auto echo = weir::icmp_echo::parse(weir::socket::ipv4, packet.payload);
        if (echo && echo->identifier == identifier) return must(std::move(echo));
    }
}

weir::task<> on_the_loop(weir::socket& ping) {
    send_request(ping, 2);
    auto reply = co_await weir::offload([&ping] {
        while (true) {
            if (auto echo = next_echo(ping); echo.is_reply && echo.sequence == 2) return echo;
        }
    });
    std::cout << "on the loop: reply " << must(std::move(reply)).sequence << '\n';
}

int main() {
    auto opened = weir::socket::open(weir::socket::ipv4, weir::socket::raw, weir::protocol_icmp);
    if (opened == weir::errc::not_permitted) {
        std::cout << "not permitted here: " << opened.error().message() << '\n';
        return 0;
    }
    auto ping = must(std::move(opened));

    send_request(ping, 1);
    for (int i = 0; i < 2; ++i) {
        const auto echo = next_echo(ping);
        std::cout << "received ICMP type " << (echo.is_reply ? "0, the reply" : "8, our own request") << ": "
                  << echo.payload.text() << '\n';
    }
    weir::run(on_the_loop(ping));
}
