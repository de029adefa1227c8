// T8. recv(n): at most n bytes. It waits while there are none, that is while the receive buffer is EMPTY; as soon as
// there is one byte it returns.
#include <weir/weir.h>

#include <thread>

#include "lesson.h"
using namespace std::chrono_literals;

int main() {
    auto listener = must(weir::socket::open(weir::socket::ipv4, weir::socket::stream));
    must(listener.bind("127.0.0.1:0"));
    must(listener.listen(5));
    auto client = must(weir::socket::open(weir::socket::ipv4, weir::socket::stream));
    must(client.connect(must(listener.local_address())));
    auto server = must(listener.accept()).connection;

    must(client.send("hello, world"));
    std::cout << "receive(5): \"" << must(server.receive(5)).text() << "\"\n";
    std::cout << "receive(1024): \"" << must(server.receive(1024)).text() << "\"\n";

    show(server.receive(1024, weir::receive_flags::non_blocking) == weir::errc::would_block,
         "the buffer is empty: receive would wait");
    show(server.receive(1024, weir::within(50ms)) == weir::errc::timed_out,
         "with a deadline it waits no longer than that");

    std::jthread later([&] {
        std::this_thread::sleep_for(50ms);
        must(client.send("!"));
    });
    const auto woken = must(server.receive(1024));
    std::cout << woken.size() << " of 1024 bytes came: that is enough to wake it\n";
}
