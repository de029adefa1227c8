// A client that ends well at SIGINT (^C) and SIGTERM, and reads its configuration again at SIGHUP. A second ^C ends it
// at once. The task stand_in() replaces the person who would send the signals.
#include <weir/weir.h>

#include <csignal>
#include <iostream>

using namespace std::chrono_literals;

weir::task<> send_readings(weir::channel& server) {
    for (int reading = 0;; ++reading) {
        if (auto sent = co_await server.send("reading " + std::to_string(reading)); !sent) co_return;
        if (auto slept = co_await weir::sleep(10ms); !slept) co_return;  // cancelled
    }
}

// Returns at SIGINT or SIGTERM.
weir::task<> until_stopped() {
    auto which = co_await weir::next_signal();
    if (!which) co_return;  // cancelled: another task of when_any() ended first
    std::cout << (*which == weir::signal::interrupt ? "SIGINT" : "SIGTERM") << ": stopping\n";
}

// Watches SIGHUP the whole time. With next_signal(), a SIGHUP between two calls would end the program.
weir::task<> reload_at_hang_up() {
    weir::queue<weir::signal> hang_ups(1);
    const auto note = [&hang_ups] { static_cast<void>(hang_ups.try_push(weir::signal::hang_up)); };
    const auto subscription = weir::loop::current().backend().watch(weir::signal::hang_up, note);
    if (!subscription) co_return static_cast<void>(subscription.error().print());
    while (auto one = co_await hang_ups.pop())
        std::cout << "SIGHUP: reading the configuration again\n";
}

weir::task<> stand_in() {
    for (const int number : {SIGHUP, SIGHUP, SIGINT}) {
        if (auto slept = co_await weir::sleep(50ms); !slept) co_return;
        std::raise(number);
    }
    co_await weir::sleep(10s);  // until the program ends it
}

weir::task<int> send_until_stopped(std::string where) {
    auto server = co_await weir::connect(where, weir::framing::lines(), {}, weir::within(10s));
    if (!server) co_return server.error().print();
    co_await weir::when_any(until_stopped(), reload_at_hang_up(), send_readings(*server), stand_in());
    server->shutdown_send();  // from here on a signal has its own effect again
    auto sum = co_await server->receive(weir::within(10s));
    std::cout << (sum ? sum->text() : sum.error().message()) << '\n';
    co_return sum ? 0 : 1;
}

// Receives the readings, and reports at the end whether they are complete.
weir::task<> collect(weir::channel client) {
    while (auto reading = co_await client.receive())
        continue;
    const bool complete = client.close_reason() == weir::errc::closed;
    co_await client.send(complete ? "the server has all readings" : "the server misses readings");
}

weir::task<int> client_and_server() {
    auto opened = weir::server::listen("127.0.0.1:0", weir::framing::lines());
    if (!opened) co_return opened.error().print();
    auto first = co_await weir::when_any(send_until_stopped(opened->local_address().to_string()), opened->run(collect));
    co_return first.index() == 0 ? std::get<0>(first) : 1;
}

int main() { return weir::run(client_and_server()); }
