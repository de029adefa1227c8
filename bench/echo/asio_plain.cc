// Asio as its documentation teaches it: a coroutine a connection, async_read_until or async_read, async_write.
#include <array>
#include <asio.hpp>
#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/use_awaitable.hpp>
#include <string>

#include "bench/echo/arguments.h"

namespace {

using asio::use_awaitable;
using asio::ip::tcp;

asio::awaitable<void> echo_lines(tcp::socket client) {
    std::string data;
    for (;;) {
        const std::size_t size =
            co_await asio::async_read_until(client, asio::dynamic_buffer(data), '\n', use_awaitable);
        co_await asio::async_write(client, asio::buffer(data, size), use_awaitable);
        data.erase(0, size);
    }
}

asio::awaitable<void> echo_len32(tcp::socket client) {
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

asio::awaitable<void> listen(std::uint16_t port, bool lines) {
    tcp::acceptor from(co_await asio::this_coro::executor, {asio::ip::address_v4::loopback(), port});
    for (;;) {
        tcp::socket client = co_await from.async_accept(use_awaitable);
        client.set_option(tcp::no_delay(true));
        asio::co_spawn(from.get_executor(), lines ? echo_lines(std::move(client)) : echo_len32(std::move(client)),
                       asio::detached);
    }
}

}  // namespace

int main(int count, char** texts) {
    const auto how = bench::read_arguments(count, texts);
    asio::io_context context(1);
    asio::co_spawn(context, listen(how.port, how.framing == "lines"), asio::detached);
    context.run();
}
