// T11. connect((ip, port)); then each side waits for the other one to send first. Neither program is wrong, but
// together they wait forever, unless a deadline ends the wait.
#include <weir/weir.h>

#include <thread>

#include "lesson.h"
using namespace std::chrono_literals;

weir::task<bool> wait_in_vain(weir::channel& from) {
    auto nothing = co_await from.receive(weir::within(200ms));
    co_return nothing == weir::errc::timed_out;
}

weir::task<> on_the_loop() {
    auto both = channels(weir::framing::lines());
    auto [client_waited, server_waited] = co_await weir::when_all(wait_in_vain(both.client), wait_in_vain(both.server));
    show(client_waited && server_waited, "on the loop: both tasks waited until their deadline");
    co_await both.client.send("I begin");
    auto first = co_await both.server.receive();
    std::cout << "on the loop, the server received: " << must(first).text() << '\n';
}

int main() {
    auto listener = must(weir::listen_on("127.0.0.1:0"));
    auto client = must(weir::socket::open(weir::socket::ipv4, weir::socket::stream));
    must(client.connect(must(listener.local_address())));
    auto server = must(listener.accept()).connection;

    bool server_timed_out = false;
    std::jthread other([&] { server_timed_out = server.receive(1024, weir::within(200ms)) == weir::errc::timed_out; });
    const auto nothing = client.receive(1024, weir::within(200ms));
    other.join();
    show(nothing == weir::errc::timed_out, "the client waited for the server until its deadline");
    show(server_timed_out, "the server waited for the client until its deadline");

    must(client.send("I begin"));
    std::cout << "the server received: " << must(server.receive(1024)).text() << '\n';

    weir::run(on_the_loop());
}
