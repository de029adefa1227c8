// T6. listen(n): a queue of connections that wait for accept. One listener, many clients, a socket for each.
#include <weir/weir.h>

#include <vector>

#include "lesson.h"

int main() {
    auto listener = must(weir::socket::open(weir::socket::ipv4, weir::socket::stream));
    must(listener.bind("127.0.0.1:0"));
    must(listener.listen(5));

    std::vector<weir::socket> clients;
    for (int i = 0; i < 3; ++i) {
        clients.push_back(must(weir::socket::open(weir::socket::ipv4, weir::socket::stream)));
        must(clients.back().connect(must(listener.local_address())));
    }
    const auto waiting = [&] { return must(weir::view_of(listener)).backlog; };
    show(eventually([&] { return waiting() == 3U; }), "three clients wait in the queue");
    show(must(weir::view_of(listener)).backlog_limit == 5U, "the queue was made for five");

    for (std::size_t i = 0; i < clients.size(); ++i) {
        auto accepted = must(listener.accept());
        must(accepted.connection.send("client " + std::to_string(i + 1)));
        show(accepted.connection.fd() != listener.fd(), "accept gave a socket of its own");
        std::cout << must(clients[i].receive(1024)).text() << " was served\n";
    }
    show(waiting() == 0U, "the queue is empty");
}
