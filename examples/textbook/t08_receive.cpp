// T8. recv(n) returns at most n bytes. It waits while the receive buffer is EMPTY, and returns as soon as there is one
// byte.
#include <weir/weir.h>

#include <thread>

#include "lesson.h"
using namespace std::chrono_literals;

weir::task<> receive(weir::channel& server) {
    auto came = co_await server.receive();  // suspends this task; the other one runs
    std::cout << "on the loop: " << must(came).size() << " byte resumed the task\n";
}

weir::task<> send_later(weir::channel& client) {
    co_await weir::sleep(50ms);
    co_await client.send("!");
}

weir::task<> on_the_loop() {
    auto both = channels(weir::framing::chunks());
    co_await weir::when_all(receive(both.server), send_later(both.client));
}

int main() {
    auto [client, server] = pair();
    must(client.send("hello, world"));
    std::cout << "receive(5): \"" << must(server.receive(5)).text() << "\"\n";
    std::cout << "receive(1024): \"" << must(server.receive(1024)).text() << "\"\n";

    show(server.receive(1024, weir::receive_flags::non_blocking) == weir::errc::would_block,
         "the buffer is empty: receive would wait");
    show(server.receive(1024, weir::within(50ms)) == weir::errc::timed_out, "a deadline ends the wait");

    std::jthread later([&] {
        std::this_thread::sleep_for(50ms);
        must(client.send("!"));
    });
    const auto one = must(server.receive(1024));
    std::cout << one.size() << " byte of 1024 ends the wait\n";
    later.join();

    must(client.send("half"));
    const auto late = must(server.receive(8, weir::receive_flags::wait_all, weir::within(50ms)));
    std::cout << "wait_all, at the deadline: " << late.size() << " bytes of 8\n";
    must(client.send("half"));
    must(client.close());
    const auto ended = must(server.receive(8, weir::receive_flags::wait_all));
    std::cout << "wait_all, at the end of the stream: " << ended.size() << " bytes of 8\n";

    weir::run(on_the_loop());
}
