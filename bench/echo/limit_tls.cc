// The limit of TLS on epoll(7): limit_epoll.cc with OpenSSL over memory. Each turn has one recv(2). The received
// records are decrypted directly into the memory in which messages are assembled. One SSL_write_ex(3) seals all answers
// of a turn, in records of at most 16 KiB, and one send(2) sends them. OpenSSL releases its buffers between turns.
#include <sys/socket.h>

#include <cerrno>

#include "bench/echo/arguments.h"
#include "bench/echo/message_input.h"
#include "bench/echo/serve_by_hand.h"
#include "bench/echo/tls_by_hand.h"
#include "bench/echo/tls_certificate.h"

namespace {

using bench::tls_end;

struct connection {
    connection(int made, SSL_CTX* how, bench::framing_by_hand framing)
        : fd(made), secure(how, tls_end::side::server), input(framing) {}

    int fd;
    tls_end secure;
    bench::message_input input;
    bench::byte_pile unsent;
};

// The answers of one turn, and their sealed records.
bench::byte_pile answers, sealed;

// A large answer is sealed in pieces of this size, so that each is sent while it is in the cache.
constexpr std::size_t piece_bytes = 256 * 1024;

// Returns false when the connection has ended.
bool answer(connection& one) {
    do {
        const std::size_t piece = std::min(answers.size(), piece_bytes);
        if (piece != 0) one.secure.seal(answers.data(), piece, sealed);
        answers.consume(piece);
        if (one.unsent.empty() && !bench::send_all(one.fd, sealed)) return false;
        bench::keep(sealed, one.unsent);
    } while (!answers.empty());
    return true;
}

bool serve(connection& one) {
    static const auto arrived = std::make_unique<char[]>(bench::message_input::scratch_bytes);
    if (!one.unsent.empty() && !bench::send_all(one.fd, one.unsent)) return false;
    while (one.unsent.empty()) {
        const ssize_t count = ::recv(one.fd, arrived.get(), bench::message_input::scratch_bytes, 0);
        if (count <= 0) return count < 0 && errno == EAGAIN;
        tls_end::arrived(arrived.get(), static_cast<std::size_t>(count));
        std::size_t opened = 0;
        std::size_t room = 0;
        do {
            char* const to = one.input.room(room);
            opened = one.secure.open(to, room, sealed);
            if (opened != 0) one.input.came(opened, answers);
        } while (opened == room);
        if (one.secure.has_ended()) one.secure.end(sealed);
        if (!answer(one) || one.secure.has_ended()) return false;
        if (static_cast<std::size_t>(count) < bench::message_input::scratch_bytes) return true;
    }
    return true;
}

}  // namespace

int main(int count, char** texts) {
    const auto how = bench::read_arguments(count, texts);
    const auto framing = bench::framing_named(how.framing);
    const auto secure = bench::server_context();
    bench::serve_by_hand(
        how.port, [&](int made) { return new connection(made, secure.get(), framing); }, serve,
        [](connection&) {
            answers.consume(answers.size());
            sealed.consume(sealed.size());
        });
}
