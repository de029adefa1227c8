// The plain program over TLS: weir_plain.cc with a tls::server and a self-signed certificate.
#include <weir/tls/tls.h>
#include <weir/weir.h>

#include <string>

#include "bench/echo/arguments.h"
#include "bench/echo/serve_all.h"

weir::task<> echo(weir::channel client) {
    while (auto message = co_await client.receive()) co_await client.send(*message);
}

int main(int count, char** texts) {
    const auto how = bench::read_arguments(count, texts);
    auto own = weir::tls::certificate::self_signed({"localhost"});
    if (!own) return own.error().print();
    auto secure = weir::tls::server::make(weir::tls::server_options(*own));
    if (!secure) return secure.error().print();
    auto options = bench::serve_all(how);
    options.wrappers = {*secure};
    return weir::serve("127.0.0.1:" + std::to_string(how.port), *weir::framing::parse(how.framing), options, echo);
}
