// A server with limits for the open Internet, two attacks on it, and a good client beside them.
#include <weir/weir.h>

#include <iostream>

using namespace std::chrono_literals;

weir::serve_options for_the_internet() {
    weir::serve_options how;
    how.limits.connections_of_a_source = 8;
    how.limits.connection.first_message = 300ms;  // short, so that this program ends soon; 5 s is usual
    how.limits.connection.whole_message = 10s;
    how.limits.connection.idle = 1min;
    how.limits.connection.stalled_send = 10s;
    return how;
}

weir::task<> echo(weir::channel client) {
    while (auto message = co_await client.receive())
        co_await client.send(*message);
}

// The good client, which talks until both attacks are over.
weir::task<> talk(std::string where, const weir::server& open) {
    auto server = co_await weir::connect(where, weir::framing::lines());
    if (!server) co_return static_cast<void>(server.error().print());
    int unanswered = 0;
    while (open.stats().refused == 0 || open.stats().open > 1) {
        co_await server->send("hello");
        if (auto reply = co_await server->receive(weir::within(5s)); !reply) ++unanswered;
        co_await weir::sleep(10ms);
    }
    std::cout << "the good client: " << unanswered << " messages without an answer\n";
}
// The slow attack: a byte now and then, and never a whole line.
weir::task<> drip(std::string where) {
    auto server = co_await weir::connect(where, weir::framing::chunks());
    if (!server) co_return static_cast<void>(server.error().print());
    while (server->close_reason() == weir::errc::none) {
        co_await server->send("x");
        static_cast<void>(co_await server->receive(weir::within(20ms)));
    }
    std::cout << "the slow client: " << to_string(server->close_reason().code()) << '\n';
}
// The flood: many connections from one address.
weir::task<> flood(std::string where) {
    std::vector<weir::channel> all;
    for (int i = 0; i < 20; ++i) {
        if (auto server = co_await weir::connect(where, weir::framing::lines())) all.push_back(std::move(*server));
    }
    int served = 0;
    for (auto& each : all) {
        co_await each.send("hello");
        if (auto reply = co_await each.receive(weir::within(5s))) ++served;
    }
    std::cout << "the flood: " << served << " of 20 connections were served\n";
}
weir::task<> all_clients(std::string where, const weir::server& open) {
    co_await weir::when_all(talk(where, open), drip(where), flood(where));
}
weir::task<int> serve_all() {
    auto opened = weir::server::listen("127.0.0.1:0", weir::framing::lines().max(4096), for_the_internet());
    if (!opened) co_return opened.error().print();
    co_await weir::when_any(all_clients(opened->local_address().to_string(), *opened), opened->run(echo));
    const weir::server_stats all = opened->stats();
    std::cout << "limit on the first message: " << all.hits_of(weir::limit_kind::first_message) << '\n'
              << "limit on a source: " << all.hits_of(weir::limit_kind::connections_of_a_source) << '\n';
    co_return 0;
}
int main() { return weir::run(serve_all()); }
