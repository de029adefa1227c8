// The client's side of TLS in the load. The build selects load_tls.cc, or load_without_tls.cc where OpenSSL is missing.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <memory>

namespace bench {

// One connection. send() and receive() continue the handshake first, and return what send(2) and recv(2) return on a
// non-blocking socket.
class tls_client {
public:
    virtual ~tls_client() = default;

    // Performs the whole handshake on a blocking socket.
    virtual void shake(int fd) = 0;
    virtual ssize_t send(int fd, const char* from, std::size_t size) = 0;
    // Fails with EAGAIN only after a recv(2) on the socket that did not fill its buffer.
    virtual ssize_t receive(int fd, char* into, std::size_t room) = 0;
    // Sends the sealed bytes that are still unsent. Returns false if the kernel takes no more.
    virtual bool flush(int fd) = 0;
    // Sends close_notify.
    virtual void end(int fd) = 0;
};

enum class tls_handshake { full, resumed };

class tls_clients {
public:
    virtual ~tls_clients() = default;

    // A resumed handshake uses the ticket of an earlier connection of the same kind, each ticket once. The first
    // handshakes, one for each connection, have no ticket yet.
    virtual std::unique_ptr<tls_client> make(tls_handshake which) = 0;
};

std::unique_ptr<tls_clients> make_tls_clients(std::size_t connections);

}  // namespace bench
