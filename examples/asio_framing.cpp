// weir::framing on standalone Asio: a server and a client, two coroutines of one io_context, exchange messages over
// loopback. The decoder and the encoder do not depend on Asio: they take bytes and return bytes.
#include <weir/framing/decoder.h>
#include <weir/framing/encoder.h>

#include <array>
#include <asio.hpp>
#include <iostream>

using asio::ip::tcp;
struct channel {
    tcp::socket socket;
    weir::decoder decode{weir::framing::len16()};
    weir::encoder encode{weir::framing::len16()};
    std::array<std::byte, 16384> input{};

    // Returns a message, valid until the next call; `end` when the peer has closed; `failed` when the peer violated the
    // framing.
    asio::awaitable<weir::decoder::event> receive() {
        for (;;) {
            const auto step = decode.next();
            if (step.what != weir::decoder::more) co_return step;
            asio::error_code why;
            auto use = redirect_error(asio::use_awaitable, why);
            const auto size = co_await socket.async_read_some(asio::buffer(input), use);
            if (why && why != asio::error::eof) throw asio::system_error(why);
            why ? decode.finish() : decode.feed({input.data(), size});
        }
    }
    asio::awaitable<void> send(weir::bytes_view message) {
        weir::buffer frame;
        if (auto made = encode.encode(message, frame); !made) throw std::runtime_error(made.error().message());
        co_await asio::async_write(socket, asio::buffer(frame.data(), frame.size()), asio::use_awaitable);
    }
};

asio::awaitable<void> echo(channel client) {
    for (auto step = co_await client.receive(); step.what == weir::decoder::message; step = co_await client.receive())
        co_await client.send(step.payload);
}

asio::awaitable<void> ask(channel server) {
    for (const auto* const text : {"three", "messages", ""})
        co_await server.send(text);
    server.socket.shutdown(tcp::socket::shutdown_send);
    auto step = co_await server.receive();
    for (; step.what == weir::decoder::message; step = co_await server.receive())
        std::cout << "back came \"" << step.payload.text() << "\"\n";
    std::cout << (step.what == weir::decoder::end ? "and then the end\n" : server.decode.failure().message());
}

int main() {
    asio::io_context loop;
    tcp::acceptor listener(loop, {asio::ip::address_v4::loopback(), 0});
    tcp::socket client(loop);
    client.connect(listener.local_endpoint());
    asio::co_spawn(loop, echo(channel{listener.accept()}), asio::detached);
    auto asked = asio::co_spawn(loop, ask(channel{std::move(client)}), asio::use_future);
    loop.run();
    asked.get();
}
