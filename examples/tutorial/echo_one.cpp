// An echo server and one client of it, as two tasks of one program.
#include <weir/weir.h>

#include <iostream>
#include <string>

weir::task<> echo(weir::channel client) {
    while (auto message = co_await client.receive())
        co_await client.send(*message);
    std::cout << "server: the client has ended: " << to_string(client.close_reason().code()) << '\n';
}

weir::task<weir::result<void>> talk(std::string where) {
    auto server = co_await weir::connect(where, weir::framing::lines());
    if (!server) co_return server.error();
    for (const char* word : {"hello", "world"}) {
        co_await server->send(word);
        auto reply = co_await server->receive();
        if (!reply) co_return reply.error();
        std::cout << "client: sent " << word << ", received " << reply->text() << '\n';
    }
    server->shutdown_send();
    while (auto more = co_await server->receive())
        std::cout << "client: received " << more->text() << '\n';
    std::cout << "client: the server has ended: " << to_string(server->close_reason().code()) << '\n';
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
    const auto [served, talked] = co_await weir::when_all(opened->run(echo), talk_and_stop(*opened));
    co_return talked ? 0 : talked.error().print();
}

int main() { return weir::run(server_and_client()); }
