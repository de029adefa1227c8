// Asio, tuned after measurements: each read takes what is available, and one write answers all messages of a read.
#include <asio.hpp>
#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/use_awaitable.hpp>

#include "bench/echo/arguments.h"
#include "bench/echo/message_input.h"

namespace {

using asio::use_awaitable;
using asio::ip::tcp;

asio::awaitable<void> echo(tcp::socket client, bench::framing_by_hand how) {
    bench::message_input input(how);
    bench::byte_pile answers;
    std::vector<char> read(bench::message_input::scratch_bytes / 4);
    for (;;) {
        const std::size_t count = co_await client.async_read_some(asio::buffer(read), use_awaitable);
        input.came_from(read.data(), count, answers);
        if (answers.empty()) continue;
        co_await asio::async_write(client, asio::buffer(answers.data(), answers.size()), use_awaitable);
        answers.consume(answers.size());
    }
}

asio::awaitable<void> listen(std::uint16_t port, bench::framing_by_hand how) {
    tcp::acceptor from(co_await asio::this_coro::executor, {asio::ip::address_v4::loopback(), port});
    for (;;) {
        tcp::socket client = co_await from.async_accept(use_awaitable);
        client.set_option(tcp::no_delay(true));
        asio::co_spawn(from.get_executor(), echo(std::move(client), how), asio::detached);
    }
}

}  // namespace

int main(int count, char** texts) {
    const auto how = bench::read_arguments(count, texts);
    asio::io_context context(1);
    asio::co_spawn(context, listen(how.port, bench::framing_named(how.framing)), asio::detached);
    context.run();
}
