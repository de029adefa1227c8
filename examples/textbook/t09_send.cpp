// T9. send(bytes) returns how many bytes the kernel took. A non-blocking send takes a part; a blocking one takes all,
// unless a signal or a deadline ends it early; send_all() always continues until all are taken.
#include <weir/weir.h>

#include <algorithm>
#include <thread>

#include "lesson.h"

// Receives until the end of the stream and returns the number of bytes.
std::size_t receive_all(weir::socket& from) {
    std::size_t received = 0;
    for (auto part = must(from.receive(65536)); !part.empty(); part = must(from.receive(65536)))
        received += part.size();
    return received;
}

constexpr std::size_t mebibyte = 1 << 20;

weir::task<std::size_t> send_messages(weir::channel& client) {
    const weir::bytes message(mebibyte);
    std::size_t most_queued = 0;
    for (int i = 0; i < 64; ++i) {
        must(co_await client.send(message));  // waits while 256 KiB or more are queued
        most_queued = std::max(most_queued, client.queued_bytes());
    }
    client.shutdown_send();
    co_return most_queued;
}

weir::task<int> receive_messages(weir::channel& server) {
    int received = 0;
    while (auto message = co_await server.receive()) received += message->size() == mebibyte ? 1 : 0;
    co_return received;
}

weir::task<> on_the_loop() {
    auto both = channels(weir::framing::len32());
    auto [queued, received] = co_await weir::when_all(send_messages(both.client), receive_messages(both.server));
    std::cout << "on the loop: " << received << " messages of 1 MiB arrived\n";
    show(queued < 2 * mebibyte, "on the loop: never more than 2 MiB were queued, because send waited");
}

int main() {
    auto [client, server] = pair();
    std::cout << "the kernel took " << must(client.send("hello")) << " bytes\n";
    std::cout << "the server received " << must(server.receive(1024)).size() << " bytes\n";

    const weir::bytes large(64 * mebibyte);
    const auto taken = must(client.send(large, weir::send_flags::non_blocking));
    show(taken > 0 && taken < large.size(), "non-blocking: the kernel took a part of 64 MiB");

    std::size_t received = 0;
    std::jthread reader([&] { received = receive_all(server); });
    const auto rest = large.view().from(taken);
    show(must(client.send(rest)) == rest.size(), "blocking: it took all of the rest");
    must(client.send_all(large));
    must(client.close());
    reader.join();
    show(received == 2 * large.size(), "send_all sent 64 MiB more: 128 MiB arrived");

    weir::run(on_the_loop());
}
