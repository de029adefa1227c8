// An echo server with blocking calls, and one thread for its one client. TCP may join and split the client's bytes; the
// messages stay whole.
#include <weir/weir.h>

#include <iostream>
#include <thread>

namespace {

void echo(weir::socket connection) {
    weir::blocking_channel client(std::move(connection), weir::framing::len16());
    while (auto message = client.receive()) {
        if (!client.send(*message)) break;
    }
    std::cout << "server: " << client.messages_sent() << " messages, then " << to_string(client.close_reason().code())
              << '\n';
    static_cast<void>(client.close());
}

}  // namespace

int main() {
    auto listener = weir::listen_on("127.0.0.1:0");
    if (!listener) return listener.error().print();
    auto connected = weir::connect_to(listener->local_address()->to_string());
    if (!connected) return connected.error().print();
    auto accepted = listener->accept();
    if (!accepted) return accepted.error().print();
    std::thread serving(echo, std::move(accepted->connection));

    weir::blocking_channel server(*std::move(connected), weir::framing::len16());
    for (const auto* const text : {"three", "messages", "", "one of them empty"}) {
        if (auto sent = server.send(text); !sent) return sent.error().print();
    }
    if (auto ended = server.shutdown_send(); !ended) return ended.error().print();
    while (auto message = server.receive())
        std::cout << "client: \"" << message->text() << "\"\n";
    serving.join();
    return server.close_reason() == weir::errc::closed ? 0 : server.close_reason().print();
}
