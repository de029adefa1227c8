// T7. accept() waits for a client and returns a connection and the address of the client. A deadline ends the wait.
#include <weir/weir.h>

#include <thread>

#include "lesson.h"
using namespace std::chrono_literals;

weir::task<> greet(weir::channel client, weir::server& there, weir::address expected) {
    show(client.peer().address() == expected, "on the loop: the handler gets the connection and the address");
    there.stop();
    co_return;
}

weir::task<> on_the_loop() {
    auto lonely = must(weir::server::listen("127.0.0.1:0", weir::framing::lines()));
    auto run = lonely.run([](weir::channel) -> weir::task<> { co_return; });
    auto served = co_await weir::with_deadline(std::move(run), weir::within(50ms));
    show(served == weir::errc::timed_out, "on the loop: a deadline for the whole server");

    auto there = must(weir::server::listen("127.0.0.1:0", weir::framing::lines()));
    auto client = must(weir::connect_to(there.local_address().to_string()));
    must(client.shutdown(weir::half::send));
    co_await there.run(greet, std::ref(there), must(client.local_address()));
}

int main() {
    auto listener = must(weir::socket::open(weir::socket::ipv4, weir::socket::stream));
    must(listener.bind("127.0.0.1:0"));
    must(listener.listen(5));
    show(listener.accept(weir::within(50ms)) == weir::errc::timed_out, "no client connected within 50 ms");

    weir::address client_address;
    const auto before = weir::now();
    std::jthread later([&] {
        std::this_thread::sleep_for(50ms);
        auto client = must(weir::connect_to(must(listener.local_address()).to_string()));
        client_address = must(client.local_address());
        must(client.send("hello"));
    });
    auto accepted = must(listener.accept());  // blocks until a client connects
    show(weir::now() - before >= 50ms, "accept waited for the client");
    std::cout << "the client sent: " << must(accepted.connection.receive(1024)).text() << '\n';
    later.join();
    show(accepted.peer == client_address, "accept returned the client's own address");

    must(listener.set_blocking(false));
    show(listener.accept() == weir::errc::would_block, "non-blocking: without a client accept returns at once");

    weir::run(on_the_loop());
}
