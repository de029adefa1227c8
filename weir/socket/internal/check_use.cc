#include "weir/socket/internal/check_use.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>

#include "weir/socket/internal/native_address.h"
#include "weir/socket/internal/system_error.h"

namespace weir::internal {
namespace {

std::string name_of(const socket& one) { return "descriptor " + std::to_string(one.fd()); }

// Of a socket option that is an int.
result<int> ask(const socket& one, int name, const char* operation) {
    int value = 0;
    socklen_t size = sizeof value;
    if (::getsockopt(one.fd(), SOL_SOCKET, name, &value, &size) == 0) return value;
    return error_of(errno, operation, name_of(one));
}

result<void> check_type(const socket& one, const char* operation) {
    const auto type = ask(one, SO_TYPE, operation);
    if (!type) return type.error();
    if (*type == SOCK_STREAM) return {};
    return error(errc::invalid, operation, name_of(one),
                 *type == SOCK_DGRAM ? "a datagram socket has no connections: a stream socket is needed"
                                     : "a stream socket is needed");
}

// SO_ERROR would tell, too, but clear the error that the first read has to return.
bool was_reset(const socket& one) {
    tcp_info now{};
    socklen_t size = sizeof now;
    return ::getsockopt(one.fd(), IPPROTO_TCP, TCP_INFO, &now, &size) == 0 && now.tcpi_state == TCP_CLOSE &&
           name_of_former_peer(one.fd()).family() != address_family::none;
}

}  // namespace

result<void> check_listener(const socket& one) {
    constexpr const char* operation = "listen";
    if (auto right = check_type(one, operation); !right) return right;
    const auto listens = ask(one, SO_ACCEPTCONN, operation);
    if (!listens) return listens.error();
    if (*listens != 0) return {};
    return error(errc::invalid, operation, name_of(one), "this socket does not listen: call bind() and listen() first");
}

result<void> check_connected(const socket& one) {
    constexpr const char* operation = "adopt";
    if (auto right = check_type(one, operation); !right) return right;
    const auto listens = ask(one, SO_ACCEPTCONN, operation);
    if (!listens) return listens.error();
    if (*listens != 0) {
        return error(errc::invalid, operation, name_of(one),
                     "this socket listens: server::on() takes it, a channel needs a connection");
    }
    native_address peer;
    if (::getpeername(one.fd(), peer.data(), &peer.size) == 0 || was_reset(one)) return {};
    return error(errc::not_connected, operation, name_of(one), {}, ENOTCONN);
}

}  // namespace weir::internal
