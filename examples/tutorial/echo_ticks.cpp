// Two tasks for one connection: one echoes, the other one sends without being asked. When one task ends, the other one
// is cancelled.
#include <weir/weir.h>

#include <chrono>
#include <iostream>
#include <string>

using namespace std::chrono_literals;

weir::task<> echo(weir::channel& client) {
    while (auto message = co_await client.receive())
        co_await client.send(*message);
    std::cout << "echo ends: " << to_string(client.close_reason().code()) << '\n';
}

weir::task<> tick(weir::channel& client) {
    auto slept = co_await weir::sleep(50ms);
    while (slept) {
        co_await client.send("tick");
        slept = co_await weir::sleep(50ms);
    }
    std::cout << "tick ends: " << to_string(slept.error().code()) << '\n';
}

weir::task<> serve_one(weir::channel client) {
    const auto first = co_await weir::when_any(echo(client), tick(client));
    std::cout << "the first to end: " << (first.index() == 0 ? "echo" : "tick") << "; both have ended\n";
}

weir::task<weir::result<void>> talk(std::string where) {
    auto server = co_await weir::connect(where, weir::framing::lines());
    if (!server) co_return server.error();
    co_await server->send("hello");
    int ticks = 0;
    bool is_echoed = false;
    while (ticks < 3 || !is_echoed) {
        auto line = co_await server->receive();
        if (!line) co_return line.error();
        if (line->text() == "tick") ++ticks;
        else is_echoed = true;
    }
    std::cout << "client: received the echo and 3 ticks\n";
    server->shutdown_send();
    while (auto line = co_await server->receive())
        continue;
    co_return weir::result<void>();
}

weir::task<weir::result<void>> talk_and_stop(weir::server& open) {
    auto talked = co_await talk(open.local_address().to_string());
    open.stop();
    co_return talked;
}

weir::task<int> server_and_client() {
    auto opened = weir::server::listen("127.0.0.1:0", weir::framing::lines());
    if (!opened) co_return opened.error().print();
    const auto [served, talked] = co_await weir::when_all(opened->run(serve_one), talk_and_stop(*opened));
    co_return talked ? 0 : talked.error().print();
}

int main() { return weir::run(server_and_client()); }
