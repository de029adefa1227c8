// An echo server over TLS: it returns each line. After SIGHUP it reads the certificate again, without dropping a
// connection.
//
//     tls_echo 127.0.0.1:9443 server.crt server.key
#include <weir/tls/tls.h>
#include <weir/weir.h>

#include <cstdio>
#include <memory>
#include <string>

using namespace weir;

static task<> echo(channel client) {
    while (auto message = co_await client.receive()) {
        if (auto sent = co_await client.send(*message); !sent) break;
    }
}

static result<tls::server_options> read_certificate(const char* chain, const char* key) {
    auto own = tls::certificate::from_files(chain, key);
    if (!own) return own.error();
    return tls::server_options(*own);
}

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fprintf(stderr, "usage: tls_echo ADDRESS CERTIFICATE KEY\n");
        return 2;
    }
    auto options = read_certificate(argv[2], argv[3]);
    if (!options) return options.error().print();
    auto secure = tls::server::make(*options);
    if (!secure) return secure.error().print();

    serve_options how;
    how.wrappers = *secure;
    how.on_hang_up = [&] {
        auto fresh = read_certificate(argv[2], argv[3]);
        if (!fresh) return static_cast<void>(fresh.error().print());
        if (auto reloaded = (*secure)->reload(*fresh); !reloaded) reloaded.error().print();
    };
    return serve(argv[1], framing::lines(), how, echo);
}
