// TLS in the load: the client's side. The build selects load_tls.cc, or load_without_tls.cc where there is no OpenSSL.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <memory>

namespace bench {

// One connection. Both functions go on with the handshake first, and return what send(2) and recv(2) return on a
// non-blocking socket.
class tls_client {
public:
    virtual ~tls_client() = default;

    // Waits for the end of the handshake, on a socket that blocks.
    virtual void shake(int fd) = 0;
    virtual ssize_t send(int fd, const char* from, std::size_t size) = 0;
    // EAGAIN comes only after a read of the socket that did not fill its room.
    virtual ssize_t receive(int fd, char* into, std::size_t room) = 0;
    // Sends what is sealed and not sent. False: the kernel takes no more.
    virtual bool flush(int fd) = 0;
    // Says close_notify.
    virtual void end(int fd) = 0;
};

enum class tls_handshake { full, resumed };

class tls_clients {
public:
    virtual ~tls_clients() = default;

    // A resumed handshake uses the ticket of an earlier one of that kind, each ticket once. So many as there are
    // connections have none.
    virtual std::unique_ptr<tls_client> make(tls_handshake which) = 0;
};

std::unique_ptr<tls_clients> make_tls_clients(std::size_t connections);

}  // namespace bench
