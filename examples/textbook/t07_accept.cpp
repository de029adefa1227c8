// T7. accept() waits for a client, and gives a connection and the client's address. A deadline ends the waiting.
#include <weir/weir.h>

#include <thread>

#include "lesson.h"
using namespace std::chrono_literals;

int main() {
    auto listener = must(weir::socket::open(weir::socket::ipv4, weir::socket::stream));
    must(listener.bind("127.0.0.1:0"));
    must(listener.listen(5));
    show(listener.accept(weir::within(50ms)) == weir::errc::timed_out, "nobody called within 50 ms");

    weir::address mine;
    const auto before = weir::now();
    std::jthread later([&] {
        std::this_thread::sleep_for(50ms);
        auto client = must(weir::socket::open(weir::socket::ipv4, weir::socket::stream));
        must(client.connect(must(listener.local_address())));
        mine = must(client.local_address());
        must(client.send("here I am"));
    });
    auto accepted = must(listener.accept());  // blocks until the client is there
    show(weir::now() - before >= 50ms, "accept waited for the client");
    std::cout << "it says: " << must(accepted.connection.receive(1024)).text() << '\n';
    later.join();
    show(accepted.peer == mine, "the address is the client's own");

    must(listener.set_blocking(false));
    show(listener.accept() == weir::errc::would_block, "non-blocking: nobody is there, and accept says so at once");
}
