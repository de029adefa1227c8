// T19. Remedy 3, a pause between the sends. It is no remedy: it works as long as the reader keeps up, which nobody can
// promise.
#include <weir/weir.h>

#include <thread>

#include "lesson.h"
using namespace std::chrono_literals;

int main() {
    auto listener = must(weir::listen_on("127.0.0.1:0"));
    const auto here = must(listener.local_address()).to_string();
    auto client = must(weir::connect_to(here));
    auto server = must(listener.accept()).connection;

    for (const auto* word : {"one", "two", "three"}) {  // the reader keeps up
        must(client.send(word));
        std::cout << "in time: " << must(server.receive(1024)).text() << '\n';
    }
    for (const auto* word : {"one", "two", "three"}) {  // the same, but the reader is busy elsewhere
        must(client.send(word));
        std::this_thread::sleep_for(20ms);
    }
    if (!eventually([&] { return must(weir::view_of(server)).unread_bytes == 11U; })) return 1;
    std::cout << "late: " << must(server.receive(1024)).text() << '\n';

    auto sender = must(weir::connect_to(here));
    weir::blocking_channel channel(must(listener.accept()).connection, weir::framing::idle(20ms));
    must(sender.send("hel"));  // one message, but the sender, or the network, stalls in its middle
    std::cout << "idle=20ms: " << must(channel.receive()).text() << '\n';
    must(sender.send("lo"));
    std::cout << "idle=20ms: " << must(channel.receive()).text() << '\n';
    must(sender.send("one"));  // two messages, but the pause got lost on the way
    must(sender.send("two"));
    if (!eventually([&] { return must(weir::view_of(channel.connection())).unread_bytes == 6U; })) return 1;
    std::cout << "idle=20ms: " << must(channel.receive()).text() << '\n';
}
