// T19. Remedy 3, a pause between the sends. It is not a real remedy: it works only while the reader keeps up and the
// network adds no pause of its own, and nothing guarantees that.
#include <weir/weir.h>

#include "lesson.h"
using namespace std::chrono_literals;

bool all_arrived(const weir::socket& server, std::size_t bytes) {
    return eventually([&] { return must(weir::view_of(server)).unread_bytes == bytes; });
}

weir::task<> on_the_loop() {
    auto [socket, server] = pair();
    auto client = must(weir::adopt(std::move(socket), weir::framing::chunks()));
    client.pace(20ms);
    const auto before = weir::loop::current().now();
    for (const auto* word : {"one", "two", "three"}) co_await client.send(word);
    co_await client.flush();
    show(weir::loop::current().now() - before >= 40ms, "on the loop: pace() sent three messages in 40 ms or more");
    if (!all_arrived(server, 11)) std::exit(1);
    std::cout << "on the loop, the reader is late: " << must(server.receive(1024)).text() << '\n';
}

int main() {
    auto [client, server] = pair();
    for (const auto* word : {"one", "two", "three"}) {
        must(client.send(word));
        std::cout << "reader in time: " << must(server.receive(1024)).text() << '\n';
    }
    weir::blocking_channel paced(std::move(client), weir::framing::chunks());
    paced.pace(20ms);
    for (const auto* word : {"one", "two", "three"}) must(paced.send(word));
    if (!all_arrived(server, 11)) return 1;
    std::cout << "reader late: " << must(server.receive(1024)).text() << '\n';

    auto [sender, receiver] = pair();
    weir::blocking_channel channel(std::move(receiver), weir::framing::idle(20ms));
    must(sender.send("hel"));  // one message, but the sender or the network pauses inside it
    std::cout << "idle:20ms: " << must(channel.receive()).text() << '\n';
    must(sender.send("lo"));
    std::cout << "idle:20ms: " << must(channel.receive()).text() << '\n';
    must(sender.send("one"));  // two messages, but the pause between them was lost on the way
    must(sender.send("two"));
    if (!all_arrived(channel.connection(), 6)) return 1;
    std::cout << "idle:20ms: " << must(channel.receive()).text() << '\n';

    weir::run(on_the_loop());
}
