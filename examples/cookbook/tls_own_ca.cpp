// TLS with an authority of your own: a server with its certificate, and clients. One client trusts only this authority;
// the other one trusts only the authorities of the system.
//
//     tls_own_ca authority.crt server.crt server.key
#include <weir/tls/tls.h>
#include <weir/weir.h>

#include <iostream>

namespace {

weir::task<> echo(weir::channel client) {
    while (auto message = co_await client.receive())
        co_await client.send(*message);
}

weir::task<weir::result<void>> ask(std::string where, weir::tls::client_options trust) {
    auto server = co_await weir::connect(where, weir::tls::client(trust), weir::framing::lines());
    if (!server) co_return server.error();
    co_await server->send("hello");
    auto reply = co_await server->receive();
    if (!reply) co_return reply.error();
    std::cout << reply->text() << " from " << server->peer().facts().find("tls.peer").value_or("nobody") << '\n';
    co_return weir::result<void>();
}

weir::task<int> ask_twice(weir::server& opened, std::string authority) {
    const std::string where = "localhost:" + std::to_string(opened.local_address().port());
    weir::tls::client_options own;
    own.authority_files = {authority};  // these and no others
    auto trusted = co_await ask(where, own);
    if (!trusted) trusted.error().print();

    auto refused = co_await ask(where, weir::tls::client_options());  // the authorities of the system
    if (!refused) std::cout << "a client without it: " << to_string(refused.error().code()) << '\n';
    opened.stop();
    co_return trusted&& refused == weir::errc::untrusted ? 0 : 1;
}

weir::task<int> serve_and_ask(std::shared_ptr<weir::tls::server> secure, std::string authority) {
    weir::server_options how;
    how.wrappers = secure;
    auto opened = weir::server::listen("127.0.0.1:0", weir::framing::lines(), how);
    if (!opened) co_return opened.error().print();
    auto [none, code] = co_await weir::when_all(opened->run(echo), ask_twice(*opened, authority));
    co_return code;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::cerr << "usage: tls_own_ca AUTHORITY CERTIFICATE KEY\n";
        return 2;
    }
    auto own = weir::tls::certificate::from_files(argv[2], argv[3]);
    if (!own) return own.error().print();
    auto secure = weir::tls::server::make(weir::tls::server_options(*own));
    if (!secure) return secure.error().print();
    return weir::run(serve_and_ask(*secure, argv[1]));
}
