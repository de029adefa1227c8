// A server behind a proxy, which sends a PROXY header (version 1) before the bytes of its client:
//     PROXY TCP4 192.0.2.7 198.51.100.1 5555 443\r\n
// A wrapper reads the header before the handler is called (proxy-protocol.txt, 2.1). Only the proxy may reach such a
// port.
#include <weir/weir.h>

#include <iostream>
#include <sstream>

namespace {

class proxy_header final : public weir::wrapper {
    std::string_view name() const noexcept override { return "PROXY"; }
    weir::task<weir::result<weir::owned_stream>> wrap(weir::owned_stream below, weir::peer_facts& peer) const override {
        weir::handshake header(std::move(below), 107);  // the longest header, with \r\n
        std::size_t end = 0;
        while ((end = header.received().view().text().find("\r\n")) == std::string_view::npos) {
            if (auto more = co_await header.receive_more(); !more) co_return more.error();
        }
        std::istringstream words{std::string(header.received().view().text().substr(0, end))};
        std::string proxy, protocol, client, server, port;
        words >> proxy >> protocol >> client >> server >> port;
        const auto from = weir::address::parse(protocol == "TCP6" ? "[" + client + "]:" + port : client + ":" + port);
        if (proxy != "PROXY" || !from) co_return weir::error(weir::errc::malformed, {}, {}, "no PROXY header");
        peer.set_address(*from);
        header.received().consume(end + 2);
        co_return header.release();  // the channel reads the bytes after the header first
    }
};

weir::task<> greet(weir::channel client) {
    if (auto message = co_await client.receive(); message)
        std::cout << client.peer().to_string() << " says " << message->text() << '\n';
}

weir::task<> serve_two(weir::scope& tasks, weir::server& one) {
    tasks.spawn(one.run(greet));
    for (const std::string_view header : {"PROXY TCP4 192.0.2.7 198.51.100.1 5555 443", "GET / HTTP/1.1"}) {
        auto client = co_await weir::connect(one.local_address().to_string(), weir::framing::lines().crlf());
        if (!client) continue;
        co_await client->send(header);
        co_await client->send("hello");
        static_cast<void>(co_await client->receive());  // until the server closes
    }
    one.stop();
}

weir::task<> serve() {
    weir::server_options how;
    how.wrappers.push_back(std::make_shared<proxy_header>());
    how.limits.connections_of_a_source = std::nullopt;  // all clients come from the proxy's address
    how.log = [](const weir::server_event& event) {
        if (event.what == weir::server_event::kind::handshake_failed) std::cout << event.why->detail() << '\n';
    };
    auto opened = weir::server::listen("127.0.0.1:0", weir::framing::lines(), how);
    if (opened) static_cast<void>(co_await weir::in_scope(serve_two, std::ref(*opened)));
}

}  // namespace

int main() { weir::run(serve()); }
