#include "weir/kernel/common/watched_connect.h"

#include <sys/socket.h>

#include <cerrno>

#include "weir/kernel/common/kernel_backend.h"
#include "weir/socket/internal/system_error.h"

namespace weir::internal {

watched_connect::~watched_connect() {
    if (socket_.is_open()) backend_.readiness().forget(socket_.fd());
}

void watched_connect::on_ready(std::uint32_t) noexcept {
    if (!socket_.is_open()) return;
    int number = 0;
    socklen_t size = sizeof number;
    if (::getsockopt(socket_.fd(), SOL_SOCKET, SO_ERROR, &number, &size) != 0) number = errno;
    sockaddr_storage peer;
    size = sizeof peer;
    if (number == 0 && ::getpeername(socket_.fd(), reinterpret_cast<sockaddr*>(&peer), &size) != 0) {
        if (errno == ENOTCONN) return;  // a spurious event: the socket has neither connected nor failed
        number = errno;
    }
    backend_.readiness().forget(socket_.fd());
    if (number != 0) {
        static_cast<void>(socket_.close());
        return user_.on_connected({errc_of(number), number}, {});
    }
    auto made = backend_.adopt(std::move(socket_));
    if (!made) return user_.on_connected(outcome::of(made.error()), {});
    user_.on_connected({}, std::move(*made));
}

}  // namespace weir::internal
