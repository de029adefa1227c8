// T9. send(bytes) says how many bytes the kernel took, which may be fewer than you gave; send_all carries on.
#include <weir/weir.h>

#include <thread>

#include "lesson.h"

int main() {
    auto listener = must(weir::socket::open(weir::socket::ipv4, weir::socket::stream));
    must(listener.bind("127.0.0.1:0"));
    must(listener.listen(5));
    auto client = must(weir::socket::open(weir::socket::ipv4, weir::socket::stream));
    must(client.connect(must(listener.local_address())));
    auto server = must(listener.accept()).connection;

    std::cout << "the kernel took " << must(client.send("hello")) << " bytes\n";
    std::cout << "the server received " << must(server.receive(1024)).size() << '\n';

    const weir::bytes large(64 << 20);
    const auto taken = must(client.send(large, weir::send_flags::non_blocking));
    show(taken > 0 && taken < large.size(), "of 64 MiB it took a part: what its buffers hold");

    std::size_t received = 0;
    std::jthread reader([&] {
        for (auto part = must(server.receive(65536)); !part.empty(); part = must(server.receive(65536)))
            received += part.size();
    });
    must(client.send_all(large.view().from(taken)));  // the rest, however many sends it takes
    must(client.close());
    reader.join();
    show(received == large.size(), "send_all sent the rest: 64 MiB arrived");
}
