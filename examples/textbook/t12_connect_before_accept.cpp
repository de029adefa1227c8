// T12. A client may connect, and even send, before accept is called: the kernel finishes the connection by itself and
// puts it into the queue of listen(n). When the queue is full it answers no more.
#include <weir/weir.h>

#include <vector>

#include "lesson.h"
using namespace std::chrono_literals;

int main() {
    constexpr std::size_t backlog = 2;
    auto listener = must(weir::socket::open(weir::socket::ipv4, weir::socket::stream));
    must(listener.bind("127.0.0.1:0"));
    must(listener.listen(backlog));

    std::vector<weir::socket> waiting;
    weir::result<void> connected;
    while (waiting.size() < 10) {
        auto client = must(weir::socket::open(weir::socket::ipv4, weir::socket::stream));
        connected = client.connect(must(listener.local_address()), weir::within(200ms));
        if (!connected) break;
        must(client.send("sent before accept"));
        waiting.push_back(std::move(client));
    }
    show(waiting.size() == backlog || waiting.size() == backlog + 1, "listen(2): two connect, on Linux one more");
    show(connected == weir::errc::timed_out, "the next one waits, and its deadline passes: the queue is full");

    auto accepted = must(listener.accept());
    std::cout << "the first to be accepted had " << must(accepted.connection.receive(1024)).text() << '\n';
    auto late = must(weir::socket::open(weir::socket::ipv4, weir::socket::stream));
    show(bool(late.connect(must(listener.local_address()), weir::within(10s))), "accept made room for one");
}
