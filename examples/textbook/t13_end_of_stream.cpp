// T13. The peer has gone. After a normal end, every receive returns nothing, at once. After a reset it fails. That a
// peer has vanished is not reported at all. A channel distinguishes an end between messages from one inside a message.
#include <weir/weir.h>

#include "lesson.h"
using namespace std::chrono_literals;

void three_endings() {
    auto [client, server] = pair();
    must(client.send("goodbye"));
    must(client.close());
    std::cout << "closed: received \"" << must(server.receive(1024)).text() << "\"\n";
    for (int i = 0; i < 3; ++i)
        std::cout << "closed: received " << must(server.receive(1024)).size() << " bytes, the end\n";

    auto [aborts, notices] = pair();
    must(notices.send("never read"));
    if (!eventually([&] { return must(weir::view_of(aborts)).unread_bytes == 10U; })) std::exit(1);
    must(aborts.close());  // with unread input: the kernel sends a reset
    show(notices.receive(1024) == weir::errc::reset, "closed with unread input: reset");
    show(must(notices.receive(1024)).empty(), "after the reset: the end");

    auto [vanishes, waits] = pair();
    vanish(vanishes);
    show(waits.receive(1024, weir::within(200ms)) == weir::errc::timed_out,
         "vanished: receive waits until its deadline");
}

weir::task<> on_the_loop() {
    for (const auto* text : {"whole\n", "whole\nha"}) {
        auto [client, server] = pair();
        must(client.send(text));
        must(client.close());
        auto channel = must(weir::adopt(std::move(server), weir::framing::lines()));
        while (auto message = co_await channel.receive())
            std::cout << "on the loop: message \"" << message->text() << "\"\n";
        std::cout << "on the loop: " << to_string(channel.close_reason().code()) << '\n';
    }
    auto [vanishes, waits] = pair();
    vanish(vanishes);
    weir::channel_limits limits;
    limits.idle = 200ms;
    auto channel = must(weir::adopt(std::move(waits), weir::framing::lines(), limits));
    auto nothing = co_await channel.receive();
    show(nothing == weir::errc::timed_out, "on the loop: vanished, and the idle limit ends it");
}

int main() {
    three_endings();
    weir::run(on_the_loop());
}
