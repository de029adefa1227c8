// A queue between two tasks of one connection: one task receives, the other one sends. The memory of a client that does
// not read is bounded: when its queue is full the server ends the connection.
#include <weir/weir.h>

#include <chrono>
#include <iostream>
#include <string>

using namespace std::chrono_literals;

struct member {
    weir::channel link;
    weir::queue<std::string> outbox{8};
};

weir::task<> hear(member& speaker) {
    while (auto message = co_await speaker.link.receive()) {
        if (!speaker.outbox.try_push(std::string(message->text()))) {
            std::cout << "server: the outbox is full: " << speaker.outbox.size() << " messages\n";
            speaker.link.abort();
        }
        co_await weir::sleep(0s);  // the other tasks have their turn
    }
    speaker.outbox.close();
}

weir::task<> deliver(member& listener) {
    while (auto next = co_await listener.outbox.pop())
        co_await listener.link.send(*next);
}

weir::task<> serve_one(weir::channel client) {
    member one{std::move(client)};
    co_await weir::when_all(hear(one), deliver(one));
}

weir::task<weir::result<void>> listen_well(std::string where) {
    auto server = co_await weir::connect(where, weir::framing::lines());
    if (!server) co_return server.error();
    for (int i = 0; i < 100; ++i)
        co_await server->send("one of 100 lines");
    server->shutdown_send();
    int received = 0;
    while (auto line = co_await server->receive())
        ++received;
    std::cout << "client: sent 100 lines, received " << received << '\n';
    co_return weir::result<void>();
}

weir::task<weir::result<void>> listen_never(std::string where) {
    auto server = co_await weir::connect(where, weir::framing::lines());
    if (!server) co_return server.error();
    const std::string line(10'000, '.');
    while (auto sent = co_await server->send(line))
        continue;
    std::cout << "client: " << to_string(server->failure().code()) << '\n';
    co_return weir::result<void>();
}

weir::task<weir::result<void>> talk_and_stop(weir::server& open) {
    const std::string where = open.local_address().to_string();
    auto talked = co_await listen_well(where);
    if (talked) talked = co_await listen_never(where);
    open.stop();
    co_return talked;
}

weir::task<int> server_and_clients() {
    auto opened = weir::server::listen("127.0.0.1:0", weir::framing::lines());
    if (!opened) co_return opened.error().print();
    const auto [served, talked] = co_await weir::when_all(opened->run(serve_one), talk_and_stop(*opened));
    co_return talked ? 0 : talked.error().print();
}

int main() { return weir::run(server_and_clients()); }
