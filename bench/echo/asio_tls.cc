// Idiomatic Asio over TLS: asio_echo.h over asio::ssl::stream, with the certificate and the suite of limit_tls.cc.
#include <asio.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/ssl.hpp>

#include "bench/echo/arguments.h"
#include "bench/echo/asio_echo.h"
#include "bench/echo/tls_certificate.h"

int main(int count, char** texts) {
    const auto how = bench::read_arguments(count, texts);
    asio::io_context context(1);
    asio::ssl::context tls(asio::ssl::context::tls_server);
    bench::set_up_server(tls.native_handle());
    const auto secured = [&tls](asio::ip::tcp::socket client) {
        return asio::ssl::stream<asio::ip::tcp::socket>(std::move(client), tls);
    };
    asio::co_spawn(context, bench::listen(how.port, how.framing == "lines", secured), asio::detached);
    context.run();
}
