#include "weir/loop/backend.h"

#include <cerrno>
#include <new>

namespace weir {

std::string_view to_string(backend_kind which) noexcept {
    switch (which) {
        case backend_kind::automatic: break;
        case backend_kind::io_uring: return "io_uring";
        case backend_kind::epoll: return "epoll";
        case backend_kind::simulated: return "simulated";
    }
    return "automatic";
}

result<owned_acceptor> backend::adopt_listener(socket) {
    return error(errc::unsupported, "listen", {}, "this backend has no sockets");
}

result<owned_stream> backend::adopt(socket) {
    return error(errc::unsupported, "adopt", {}, "this backend has no sockets");
}

result<credentials> byte_stream::peer_credentials() const {
    return error(errc::unsupported, "peer_credentials", peer_address().to_string(), "no Unix socket");
}

std::optional<outcome> byte_stream::send_gathered(send_queue& queue) {
    try {
        queue.join();
    } catch (const std::bad_alloc&) {
        return outcome{errc::no_memory, ENOMEM};
    }
    return send(queue.bytes());
}

std::optional<outcome> byte_stream::halt() { return outcome{errc::unsupported}; }

result<socket> byte_stream::take_apart(buffer&) {
    return error(errc::unsupported, "detach", {}, "this stream has no socket");
}

}  // namespace weir
