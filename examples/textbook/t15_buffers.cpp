// T15. Two buffers stand between send and receive. send waits when the send buffer is FULL; receive waits when the
// receive buffer is EMPTY. How large they are is the kernel's affair; that no byte is lost between them is not.
#include <weir/weir.h>

#include "lesson.h"

int main() {
    auto listener = must(weir::socket::open(weir::socket::ipv4, weir::socket::stream));
    must(listener.bind("127.0.0.1:0"));
    must(listener.listen(5));
    auto client = must(weir::socket::open(weir::socket::ipv4, weir::socket::stream));
    must(client.connect(must(listener.local_address())));
    auto server = must(listener.accept()).connection;
    const auto unsent = [&] { return *must(weir::view_of(client)).unsent_bytes; };
    const auto unread = [&] { return *must(weir::view_of(server)).unread_bytes; };

    show(server.receive(1, weir::receive_flags::non_blocking) == weir::errc::would_block,
         "the receive buffer is empty: receive would wait");

    const weir::bytes block(65536);
    std::size_t taken = 0;
    weir::result<std::size_t> sent = taken;
    do {  // full once, and full again when what is under way has arrived
        sent = client.send(block, weir::send_flags::non_blocking);
        if (sent) taken += *sent;
    } while (sent || unsent() + unread() != taken);
    show(sent == weir::errc::would_block, "both are full: send would wait");
    show(unsent() > 0 && unread() > 0, "some bytes lie unsent here, some unread there");
    show(eventually([&] { return unsent() + unread() == taken; }), "unsent + unread = taken, to the byte");
    show(must(server.receive(1)).size() == 1, "the receive buffer is full: receive returns at once");

    std::size_t received = 1;
    while (received < taken) received += must(server.receive(65536)).size();
    show(received == taken, "the server has read everything");
    show(eventually([&] { return bool(client.send("x", weir::send_flags::non_blocking)); }),
         "there is room again: send does not wait");
}
