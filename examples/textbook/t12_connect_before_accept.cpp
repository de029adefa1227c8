// T12. A client can connect, and even send, before accept() is called: the kernel finishes the handshake itself and
// puts the connection into the queue of listen(n). When the queue is full, the kernel ignores further attempts.
#include <weir/weir.h>

#include <vector>

#include "lesson.h"
using namespace std::chrono_literals;

weir::task<> receive_one(weir::channel client, weir::server& there) {
    auto message = co_await client.receive();
    std::cout << "on the loop, received: " << must(message).text() << '\n';
    there.stop();
}

weir::task<> on_the_loop() {
    auto there = must(weir::server::listen("127.0.0.1:0", weir::framing::lines()));
    auto client = must(weir::connect_to(there.local_address().to_string()));
    must(client.send("sent before run()\n"));
    must(client.close());
    co_await there.run(receive_one, std::ref(there));
}

int main() {
    constexpr std::size_t backlog = 2;
    auto listener = must(weir::socket::open(weir::socket::ipv4, weir::socket::stream));
    must(listener.bind("127.0.0.1:0"));
    must(listener.listen(backlog));

    std::vector<weir::socket> waiting;
    weir::result<void> connected;
    while (waiting.size() < 10) {
        auto client = must(weir::socket::open(weir::socket::ipv4, weir::socket::stream));
        connected = client.connect(must(listener.local_address()), weir::within(200ms));
        if (!connected) break;
        must(client.send("sent before accept"));
        waiting.push_back(std::move(client));
    }
    show(waiting.size() == backlog || waiting.size() == backlog + 1, "listen(2): two clients connected, or one more");
    show(connected == weir::errc::timed_out, "the queue is full: the next client timed out");

    auto accepted = must(listener.accept());
    std::cout << "the server received: " << must(accepted.connection.receive(1024)).text() << '\n';
    auto late = must(weir::socket::open(weir::socket::ipv4, weir::socket::stream));
    show(bool(late.connect(must(listener.local_address()), weir::within(10s))), "accept made room for one more");

    weir::run(on_the_loop());
}
