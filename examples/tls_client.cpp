// A client over TLS: sends lines to an echo server, and prints what TLS has found out about the server.
//
//     tls_client localhost:9443 authority.crt hello "how are you"
#include <weir/tls/tls.h>
#include <weir/weir.h>

#include <cstdio>
#include <string>
#include <vector>

using namespace weir;

static task<result<void>> talk(std::string where, tls::client_options how, std::vector<std::string> lines) {
    auto connected = co_await connect(where, tls::client(how), framing::lines());
    if (!connected) co_return connected.error();
    channel& server = *connected;
    for (const auto& [name, value] : server.peer().facts().all())
        std::puts((std::string(name) + ": " + std::string(value)).c_str());
    for (const auto& line : lines) {
        if (auto sent = co_await server.send(line); !sent) co_return sent.error();
        auto reply = co_await server.receive();
        if (!reply) co_return reply.error();
        std::printf("%.*s\n", static_cast<int>(reply->size()), reply->text().data());
    }
    co_return result<void>();
}

int main(int argc, char** argv) {
    if (argc < 3) {
        std::fprintf(stderr, "usage: tls_client ADDRESS AUTHORITY LINE...\n");
        return 2;
    }
    tls::client_options how;
    how.authority_files = {argv[2]};  // without it: the authorities of the system
    const auto done = run(talk(argv[1], how, {argv + 3, argv + argc}));
    return done ? 0 : done.error().print();
}
