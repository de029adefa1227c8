// T6. listen(n) makes a queue of connections that wait for accept(). One listener serves many clients: each connection
// gets its own socket.
#include <weir/weir.h>

#include <algorithm>
#include <vector>

#include "lesson.h"

weir::task<> echo(weir::channel client) {
    while (auto message = co_await client.receive()) co_await client.send(*message);
}

weir::task<> talk(weir::server& there) {
    std::vector<weir::channel> clients;
    while (clients.size() < 3) {
        auto connected = co_await weir::connect(there.local_address().to_string(), weir::framing::lines());
        clients.push_back(must(std::move(connected)));
    }
    std::reverse(clients.begin(), clients.end());
    for (auto& client : clients) {  // the last one first: it need not wait for the others
        co_await client.send("hello");
        auto answer = co_await client.receive();
        must(answer);
    }
    std::cout << "on the loop: " << there.stats().open << " clients are served at once\n";
    there.stop();
}

weir::task<> on_the_loop() {
    weir::server_options how;
    how.listening = weir::listen_options(5);
    auto there = must(weir::server::listen("127.0.0.1:0", weir::framing::lines(), how));
    co_await weir::when_all(there.run(echo), talk(there));
}

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
    show(eventually([&] { return waiting() == 3U; }), "three connections wait in the queue");
    show(must(weir::view_of(listener)).backlog_limit == 5U, "the limit of the queue is five");

    for (std::size_t i = 0; i < clients.size(); ++i) {
        auto accepted = must(listener.accept());
        show(accepted.connection.fd() != listener.fd(), "accept returned a new socket");
        must(accepted.connection.send("client " + std::to_string(i + 1)));
        std::cout << must(clients[i].receive(1024)).text() << " was served\n";
    }
    show(waiting() == 0U, "the queue is empty");

    weir::run(on_the_loop());
}
