// Idiomatic Asio: asio_echo.h over a socket.
#include <asio.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>

#include "bench/echo/arguments.h"
#include "bench/echo/asio_echo.h"

int main(int count, char** texts) {
    const auto how = bench::read_arguments(count, texts);
    asio::io_context context(1);
    const auto plain = [](asio::ip::tcp::socket client) { return client; };
    asio::co_spawn(context, bench::listen(how.port, how.framing == "lines", plain), asio::detached);
    context.run();
}
