// Your first client: sends three messages at once, and prints the three replies.
#include <weir/weir.h>

#include <iostream>

int main() {
    auto connected = weir::connect_to("127.0.0.1:9000");
    if (!connected) return connected.error().print();
    weir::blocking_channel server(std::move(*connected), weir::framing::lines());

    for (const auto* const text : {"hello", "how are you", ""}) {
        if (auto sent = server.send(text); !sent) return sent.error().print();
    }
    if (auto ended = server.shutdown_send(); !ended) return ended.error().print();

    while (auto message = server.receive())
        std::cout << message->text() << '\n';
    return server.close_reason() == weir::errc::closed ? 0 : server.close_reason().print();
}
