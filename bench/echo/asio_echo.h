// Asio as its documentation teaches it: one coroutine for each connection, async_read_until or async_read, and
// async_write. The stream is a socket, or a TLS stream, which first performs its handshake.
#pragma once

#include <array>
#include <asio.hpp>
#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/use_awaitable.hpp>
#include <string>
#include <utility>

namespace bench {

template <class Stream>
concept shakes_hands = requires { Stream::server; };

template <class Stream>
asio::awaitable<void> echo_lines(Stream client) {
    using asio::use_awaitable;
    if constexpr (shakes_hands<Stream>) co_await client.async_handshake(Stream::server, use_awaitable);
    std::string data;
    for (;;) {
        const std::size_t size =
            co_await asio::async_read_until(client, asio::dynamic_buffer(data), '\n', use_awaitable);
        co_await asio::async_write(client, asio::buffer(data, size), use_awaitable);
        data.erase(0, size);
    }
}

template <class Stream>
asio::awaitable<void> echo_len32(Stream client) {
    using asio::use_awaitable;
    if constexpr (shakes_hands<Stream>) co_await client.async_handshake(Stream::server, use_awaitable);
    std::array<unsigned char, 4> header;
    std::string body;
    for (;;) {
        co_await asio::async_read(client, asio::buffer(header), use_awaitable);
        body.resize(std::size_t{header[0]} << 24 | std::size_t{header[1]} << 16 | std::size_t{header[2]} << 8 |
                    header[3]);
        co_await asio::async_read(client, asio::buffer(body), use_awaitable);
        const std::array<asio::const_buffer, 2> both{asio::buffer(header), asio::buffer(body)};
        co_await asio::async_write(client, both, use_awaitable);
    }
}

// `secured(socket)` makes the stream of a connection from its accepted socket.
template <class Secured>
asio::awaitable<void> listen(std::uint16_t port, bool lines, Secured secured) {
    using asio::ip::tcp;
    tcp::acceptor from(co_await asio::this_coro::executor, {asio::ip::address_v4::loopback(), port});
    for (;;) {
        tcp::socket client = co_await from.async_accept(asio::use_awaitable);
        client.set_option(tcp::no_delay(true));
        auto stream = secured(std::move(client));
        asio::co_spawn(from.get_executor(), lines ? echo_lines(std::move(stream)) : echo_len32(std::move(stream)),
                       asio::detached);
    }
}

}  // namespace bench
