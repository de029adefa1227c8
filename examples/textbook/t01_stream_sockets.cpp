// T1. Stream sockets: connection-oriented and reliable. The same dialogue over IPv4, IPv6 and Unix sockets; then a peer
// that vanishes, which TCP reports only to a program that asks for it.
#include <weir/weir.h>

#include <thread>

#include "lesson.h"
using namespace std::chrono_literals;

void dialogue(const char* here) {
    const auto family = must(weir::address::parse(here)).family();
    auto listener = must(weir::socket::open(family, weir::socket::stream));
    must(listener.bind(here));
    must(listener.listen(5));
    std::jthread server([&] {
        auto accepted = must(listener.accept());
        const auto question = must(accepted.connection.receive(1024));
        must(accepted.connection.send("you said " + std::string(question.text())));
    });

    auto client = must(weir::socket::open(family, weir::socket::stream));
    must(client.connect(must(listener.local_address())));
    must(client.send("hello"));
    const auto answer = must(client.receive(1024));
    std::cout << to_string(family) << ": " << answer.text() << '\n';
}

void vanished_peers() {
    auto [sends, its_peer] = pair();
    auto [only_receives, other_peer] = pair();
    vanish(its_peer);
    vanish(other_peer);
    must(sends.send("are you there?"));
    show(sends.receive(1024, weir::within(100ms)) == weir::errc::timed_out, "the peer vanished: no error is reported");

    must(sends.set(weir::option::user_timeout, 500ms));
    show(sends.receive(1024) == weir::errc::timed_out, "user_timeout: unacknowledged bytes end the connection");

    must(only_receives.set(weir::option::keep_alive_idle, 1s));
    must(only_receives.set(weir::option::keep_alive_interval, 1s));
    must(only_receives.set(weir::option::keep_alive_count, 1));
    must(only_receives.set(weir::option::keep_alive, true));
    show(only_receives.receive(1024) == weir::errc::timed_out, "keep_alive: an unanswered probe ends the connection");
}

weir::task<> echo(weir::channel client) {
    while (auto message = co_await client.receive()) co_await client.send(*message);
}

weir::task<> ask(weir::server& there) {
    auto connected = co_await weir::connect(there.local_address().to_string(), weir::framing::lines());
    auto server = must(std::move(connected));
    co_await server.send("hello");
    auto answer = co_await server.receive();
    std::cout << "on the loop: the answer is " << must(answer).text() << '\n';
    there.stop();
}

weir::task<> on_the_loop() {
    auto there = must(weir::server::listen("127.0.0.1:0", weir::framing::lines()));
    co_await weir::when_all(there.run(echo), ask(there));
}

int main() {
    for (const auto* here : {"127.0.0.1:0", "[::1]:0", "unix:"}) dialogue(here);
    vanished_peers();
    weir::run(on_the_loop());
}
