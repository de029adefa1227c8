// The plain program: examples/echo.cpp with an address, a framing and a backend from the command line.
#include <weir/weir.h>

#include <string>

#include "bench/echo/arguments.h"

weir::task<> echo(weir::channel client) {
    while (auto message = co_await client.receive()) co_await client.send(*message);
}

int main(int count, char** texts) {
    const auto how = bench::read_arguments(count, texts);
    weir::serve_options options;
    options.backend = how.backend == "epoll" ? weir::backend_kind::epoll : weir::backend_kind::io_uring;
    options.limits.connections.reset();
    options.limits.connections_of_a_source = std::nullopt;
    options.limits.connection.first_message.reset();  // of this machine are all of them, and some are there to be idle
    options.limits.connection.idle.reset();
    return weir::serve("127.0.0.1:" + std::to_string(how.port), *weir::framing::parse(how.framing), options, echo);
}
