#include "weir/socket/internal/check_use.h"

#include <sys/socket.h>

#include <cerrno>
#include <string>

#include "weir/socket/internal/native_address.h"
#include "weir/socket/kernel_view.h"
#include "weir/socket/option.h"

namespace weir::internal {
namespace {

std::string name_of(const socket& one) { return "descriptor " + std::to_string(one.fd()); }

// Returns whether the socket listens, or an error if it is not a stream socket.
result<bool> listens(const socket& one, const char* operation) {
    if (one.type() != socket_type::stream) {
        return error(errc::invalid, operation, name_of(one),
                     one.type() == socket_type::datagram
                         ? "a datagram socket has no connections: a stream socket is needed"
                         : "a stream socket is needed");
    }
    auto accepting = one.get(option::accepting);
    if (!accepting) return accepting.error().during(operation, name_of(one));
    return accepting;
}

// Reading SO_ERROR would show a reset, too, but would clear the error that the first read has to return.
bool was_reset(const socket& one) {
    const auto now = view_of(one.fd());
    return now && now->state == tcp_state::closed && name_of_former_peer(one.fd()).family() != address_family::none;
}

}  // namespace

result<void> check_listener(const socket& one) {
    const auto accepting = listens(one, "listen");
    if (!accepting) return accepting.error();
    if (*accepting) return {};
    return error(errc::invalid, "listen", name_of(one), "this socket does not listen: call bind() and listen() first");
}

result<void> check_connected(const socket& one) {
    const auto accepting = listens(one, "adopt");
    if (!accepting) return accepting.error();
    if (*accepting) {
        return error(errc::invalid, "adopt", name_of(one),
                     "this socket listens: pass it to server::on(); a channel needs a connection");
    }
    native_address peer;
    if (::getpeername(one.fd(), peer.data(), &peer.size) == 0 || was_reset(one)) return {};
    return error(errc::not_connected, "adopt", name_of(one), {}, ENOTCONN);
}

}  // namespace weir::internal
