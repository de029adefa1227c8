// T13. When the peer has gone, recv returns empty, at once and every time: the end of the stream. What was sent before
// comes first. A channel knows whether the end came between two messages or inside one.
#include <weir/weir.h>

#include "lesson.h"

int main() {
    auto listener = must(weir::socket::open(weir::socket::ipv4, weir::socket::stream));
    must(listener.bind("127.0.0.1:0"));
    must(listener.listen(5));
    auto client = must(weir::socket::open(weir::socket::ipv4, weir::socket::stream));
    must(client.connect(must(listener.local_address())));
    auto server = must(listener.accept()).connection;

    must(client.send("goodbye"));
    must(client.close());
    std::cout << "received: " << must(server.receive(1024)).text() << '\n';
    for (int i = 0; i < 3; ++i) std::cout << "received " << must(server.receive(1024)).size() << " bytes: the end\n";

    for (const auto* text : {"whole\n", "whole\nha"}) {
        auto sender = must(weir::connect_to(must(listener.local_address()).to_string()));
        weir::blocking_channel channel(must(listener.accept()).connection, weir::framing::lines());
        must(sender.send(text));
        must(sender.close());
        while (auto message = channel.receive()) std::cout << "message: " << message->text() << '\n';
        show(channel.close_reason() == weir::errc::closed || channel.close_reason() == weir::errc::truncated,
             "then it ended:");
        std::cout << "  " << to_string(channel.close_reason().code()) << '\n';
    }
}
