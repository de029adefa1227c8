#include "bench/echo/load_tls.h"

#include <sys/socket.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "bench/echo/tls_by_hand.h"

namespace bench {
namespace {

constexpr std::size_t arrived_bytes = 256 * 1024;
// The most bytes that are sealed at a time. The next bytes are sealed after the kernel has taken these.
constexpr std::size_t piece_bytes = 256 * 1024;

class clients;

class client final : public tls_client {
public:
    client(SSL_CTX* how, clients& all, tls_handshake which, owned_session ticket);

    void shake(int fd) override;
    ssize_t send(int fd, const char* from, std::size_t size) override;
    ssize_t receive(int fd, char* into, std::size_t room) override;
    bool flush(int fd) override;
    void end(int fd) override;

    bool wants_tickets() const noexcept { return which_ == tls_handshake::resumed; }
    clients& all() const noexcept { return all_; }

private:
    // Calls recv(2) on the input buffer that all connections share. The received bytes must be used before the next
    // call. Returns what recv(2) returns.
    ssize_t arrive(int fd, int flags);
    bool go_on(int fd, int flags);

    tls_end secure_;
    clients& all_;
    byte_pile unsent_;
    tls_handshake which_;
    bool has_ticket_;
    bool is_drained_ = false;  // the kernel has no more bytes
};

class clients final : public tls_clients {
public:
    explicit clients(std::size_t connections) : without_ticket_(connections), context_(client_context()) {
        SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
        SSL_CTX_sess_set_new_cb(context_.get(), [](SSL* of, SSL_SESSION* ticket) {
            const auto* const one = static_cast<client*>(SSL_get_app_data(of));
            if (!one->wants_tickets()) return 0;
            one->all().tickets_.emplace_back(ticket);
            return 1;
        });
    }

    std::unique_ptr<tls_client> make(tls_handshake which) override {
        owned_session ticket;
        if (which == tls_handshake::resumed && tickets_.empty()) {
            WEIR_CHECK(without_ticket_-- != 0, "the server gives too few tickets");
        } else if (which == tls_handshake::resumed) {
            ticket = std::move(tickets_.back());
            tickets_.pop_back();
        }
        return std::make_unique<client>(context_.get(), *this, which, std::move(ticket));
    }

private:
    std::size_t without_ticket_;
    owned_ssl_context context_;
    std::vector<owned_session> tickets_;
};

client::client(SSL_CTX* how, clients& all, tls_handshake which, owned_session ticket)
    : secure_(how, tls_end::side::client), all_(all), which_(which), has_ticket_(ticket != nullptr) {
    SSL_set_app_data(secure_.get(), this);
    if (has_ticket_) SSL_set_session(secure_.get(), ticket.get());
}

ssize_t client::arrive(int fd, int flags) {
    static std::vector<char> arrived(arrived_bytes);
    const ssize_t count = ::recv(fd, arrived.data(), arrived.size(), flags);
    if (count > 0) tls_end::arrived(arrived.data(), static_cast<std::size_t>(count));
    return count;
}

// Continues the handshake. Returns false and sets errno if the handshake is not complete yet.
bool client::go_on(int fd, int flags) {
    tls_end::arrived(nullptr, 0);
    while (!secure_.shake(unsent_)) {
        WEIR_CHECK(!secure_.has_ended(), "a handshake has failed");
        if (!flush(fd)) return false;
        if (arrive(fd, flags) > 0) continue;
        WEIR_CHECK(errno == EAGAIN || errno == ENOTCONN, "the server ended a connection in its handshake");
        return false;
    }
    WEIR_CHECK(!has_ticket_ || SSL_session_reused(secure_.get()) == 1, "the server did not take its ticket");
    return true;
}

void client::shake(int fd) {
    WEIR_CHECK(go_on(fd, 0), "a handshake that waits is complete");
    flush(fd);
}

ssize_t client::send(int fd, const char* from, std::size_t size) {
    if (!secure_.is_shaken() && !go_on(fd, MSG_DONTWAIT)) return -1;
    if (!unsent_.empty() && !flush(fd)) return -1;
    const std::size_t piece = std::min(size, piece_bytes);
    secure_.seal(from, piece, unsent_);
    flush(fd);
    return static_cast<ssize_t>(piece);
}

ssize_t client::receive(int fd, char* into, std::size_t room) {
    WEIR_CHECK(room >= arrived_bytes, "what arrives at once has room");
    if (!secure_.is_shaken() && !go_on(fd, MSG_DONTWAIT)) return -1;
    while (!std::exchange(is_drained_, false)) {
        const ssize_t count = arrive(fd, MSG_DONTWAIT);
        if (count <= 0) return count;
        is_drained_ = static_cast<std::size_t>(count) < arrived_bytes;
        const std::size_t opened = secure_.open(into, room, unsent_);
        if (opened != 0) return static_cast<ssize_t>(opened);
        if (secure_.has_ended()) return 0;
    }
    errno = EAGAIN;
    return -1;
}

bool client::flush(int fd) {
    while (!unsent_.empty()) {
        const ssize_t count = ::send(fd, unsent_.data(), unsent_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count < 0) return false;
        unsent_.consume(static_cast<std::size_t>(count));
    }
    return true;
}

void client::end(int fd) {
    secure_.end(unsent_);
    flush(fd);
}

}  // namespace

std::unique_ptr<tls_clients> make_tls_clients(std::size_t connections) {
    return std::make_unique<clients>(connections);
}

}  // namespace bench
