#include "weir/loop/kernel_stream.h"

#include <sys/socket.h>

#include <cerrno>

#include "weir/loop/loop.h"
#include "weir/socket/system_error.h"

namespace weir {

std::optional<outcome> kernel_stream::shutdown_send() {
    if (::shutdown(socket_.fd(), SHUT_WR) == 0) return outcome{};
    return outcome{errc_of(errno), errno};
}

address kernel_stream::local_address() const {
    const auto told = socket_.local_address();
    return told ? *told : address();
}

address kernel_stream::peer_address() const {
    const auto told = socket_.peer_address();
    return told ? *told : address();
}

void kernel_stream::keep_spare(buffer& emptied) noexcept {
    loop* const here = loop::running();
    if (here == nullptr) return emptied.release();
    here->spares().keep(emptied);
}

void kernel_stream::reset_at_close() noexcept { weir::reset_at_close(socket_.fd()); }

// SO_LINGER of no time, socket(7).
void reset_at_close(int fd) noexcept {
    const linger at_once{1, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

}  // namespace weir
