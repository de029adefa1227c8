// How a client ends: it calls shutdown_send() and then receives all replies. For comparison: abort(), which loses data.
#include <weir/weir.h>

#include <iostream>

using namespace std::chrono_literals;

using reports = weir::queue<std::string>;

// Answers each message, and after the last message sends the number of messages. Reports how the connection ended.
weir::task<> store(weir::channel client, reports& done) {
    int stored = 0;
    while (auto message = co_await client.receive()) {
        ++stored;
        co_await client.send("stored");
    }
    const std::string sum = "messages stored: " + std::to_string(stored);
    co_await client.send(sum);
    static_cast<void>(done.try_push(sum + ", then: " + std::string(to_string(client.close_reason().code()))));
}

weir::task<weir::result<weir::channel>> send_some(std::string where) {
    auto server = co_await weir::connect(where, weir::framing::lines(), {}, weir::within(10s));
    if (!server) co_return server;
    if (auto sent = co_await server->send("hello"); !sent) co_return sent.error();
    if (auto reply = co_await server->receive(weir::within(10s)); !reply) co_return reply.error();
    for (int i = 0; i < 1000; ++i) {
        if (auto sent = co_await server->send("a message"); !sent) co_return sent.error();
    }
    co_return server;
}

weir::task<int> end_well(std::string where) {
    auto server = co_await send_some(where);
    if (!server) co_return server.error().print();
    server->shutdown_send();  // after everything that was sent
    std::string last;
    const weir::deadline until = weir::within(10s);
    while (auto reply = co_await server->receive(until))
        last = reply->text();
    std::cout << "client: " << last << ", then: " << to_string(server->close_reason().code()) << '\n';
    co_return server->close_reason() == weir::errc::closed ? 0 : server->close_reason().print();
}

weir::task<int> end_badly(std::string where) {
    auto server = co_await send_some(where);
    if (!server) co_return server.error().print();
    server->abort();
    std::cout << "client: " << to_string(server->close_reason().code()) << '\n';
    co_return 0;
}

weir::task<int> both(std::string where, reports& done) {
    for (auto* const end : {end_well, end_badly}) {
        if (const int code = co_await end(where); code != 0) co_return code;
        if (auto report = co_await done.pop()) std::cout << "server: " << *report << '\n';
    }
    co_return 0;
}

weir::task<int> clients() {
    reports done(1);
    auto opened = weir::server::listen("127.0.0.1:0", weir::framing::lines());
    if (!opened) co_return opened.error().print();
    auto first =
        co_await weir::when_any(both(opened->local_address().to_string(), done), opened->run(store, std::ref(done)));
    co_return first.index() == 0 ? std::get<0>(first) : 1;
}

int main() { return weir::run(clients()); }
