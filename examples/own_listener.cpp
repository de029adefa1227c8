// A server on a listening socket that the program already has: made with special options, inherited from a supervisor,
// or received from another process. An inherited descriptor needs no code: listen() and serve() accept `fd:3`.
#include <weir/weir.h>

#include <iostream>

namespace {

weir::task<> echo(weir::channel client) {
    while (auto message = co_await client.receive())
        co_await client.send(*message);
}

weir::task<> ask(weir::server& there) {
    auto connected = co_await weir::connect(there.local_address().to_string(), weir::framing::lines());
    if (connected) {
        co_await connected->send("hello");
        auto reply = co_await connected->receive();
        std::cout << (reply ? reply->text() : reply.error().message()) << '\n';
    }
    there.stop();
}

weir::task<> both(weir::scope& tasks, weir::server& one) {
    tasks.spawn(one.run(echo));
    tasks.spawn(ask(one));
    co_return;
}

weir::task<int> serve(weir::socket listening) {
    auto opened = weir::server::on(std::move(listening), weir::framing::lines());
    if (!opened) co_return opened.error().print();
    auto done = co_await weir::in_scope(both, std::ref(*opened));
    std::cout << opened->stats().accepted << " connection\n";
    co_return done ? 0 : done.error().print();
}

}  // namespace

int main() {
    auto listening = weir::socket::open(weir::socket::ipv4, weir::socket::stream);
    if (!listening) return listening.error().print();
    auto set =
        listening->set(weir::option::receive_buffer_bytes, 16 * 1024);  // before listen(): connections inherit it
    if (set) set = listening->bind("127.0.0.1:0");
    if (set) set = listening->listen();
    if (!set) return set.error().print();
    auto not_listening = weir::socket::open(weir::socket::ipv4, weir::socket::datagram);
    weir::run([](weir::socket wrong) -> weir::task<> {
        auto refused = weir::server::on(std::move(wrong), weir::framing::lines());
        std::cout << (refused.error() == weir::errc::invalid ? "a datagram socket is refused\n" : "?\n");
        co_return;
    }(std::move(*not_listening)));
    return weir::run(serve(std::move(*listening)));
}
