// T16. "Sticky packets": a stream is bytes without boundaries, so sends and receives do not pair up.
#include <weir/weir.h>

#include "lesson.h"

int main() {
    auto listener = must(weir::socket::open(weir::socket::ipv4, weir::socket::stream));
    must(listener.bind("127.0.0.1:0"));
    must(listener.listen(5));
    auto client = must(weir::socket::open(weir::socket::ipv4, weir::socket::stream));
    must(client.connect(must(listener.local_address())));
    auto server = must(listener.accept()).connection;
    const auto waiting = [&] { return must(weir::view_of(server)).unread_bytes; };

    for (const auto* word : {"one", "two", "three"}) must(client.send(word));
    if (!eventually([&] { return waiting() == 11U; })) return 1;  // the reader is late
    std::cout << "3 sends, 1 receive: " << must(server.receive(1024)).text() << '\n';

    must(client.send_all(weir::bytes(1000)));
    if (!eventually([&] { return waiting() == 1000U; })) return 1;
    int receives = 0;
    for (std::size_t received = 0; received < 1000; ++receives) received += must(server.receive(64)).size();
    std::cout << "1 send of 1000 bytes, " << receives << " receives of at most 64\n";
}
