// The plain program: examples/echo.cpp with an address, a framing and a backend from the command line.
#include <weir/weir.h>

#include <string>

#include "bench/echo/arguments.h"
#include "bench/echo/serve_all.h"

weir::task<> echo(weir::channel client) {
    while (auto message = co_await client.receive()) co_await client.send(*message);
}

int main(int count, char** texts) {
    const auto how = bench::read_arguments(count, texts);
    return weir::serve("127.0.0.1:" + std::to_string(how.port), *weir::framing::parse(how.framing),
                       bench::serve_all(how), echo);
}
