// T1. Stream sockets: connection-oriented and reliable. The same dialogue over IPv4, IPv6 and Unix.
#include <weir/weir.h>

#include <thread>

#include "lesson.h"

int main() {
    for (const auto* here : {"127.0.0.1:0", "[::1]:0", "unix:"}) {
        const auto family = must(weir::address::parse(here)).family();
        auto listener = must(weir::socket::open(family, weir::socket::stream));
        must(listener.bind(here));
        must(listener.listen(5));

        std::jthread server([&] {
            auto accepted = must(listener.accept());
            const auto question = must(accepted.connection.receive(1024));
            must(accepted.connection.send("you said " + std::string(question.text())));
        });

        auto client = must(weir::socket::open(family, weir::socket::stream));
        must(client.connect(must(listener.local_address())));
        must(client.send("hello"));
        const auto answer = must(client.receive(1024));
        std::cout << to_string(family) << ": " << answer.text() << '\n';
    }
}
