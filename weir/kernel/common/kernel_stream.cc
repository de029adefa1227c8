#include "weir/kernel/common/kernel_stream.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <new>

#include "weir/kernel/common/gathered_parts.h"
#include "weir/kernel/common/kernel_backend.h"
#include "weir/loop/internal/arrival_place.h"
#include "weir/socket/internal/native_address.h"
#include "weir/socket/internal/system_error.h"

namespace weir::internal {

std::optional<outcome> kernel_stream::shutdown_send() {
    if (::shutdown(fd(), SHUT_WR) == 0) return outcome{};
    return outcome{errc_of(errno), errno};
}

// Sets half of each size, because the kernel doubles it for its own bookkeeping (socket(7)).
void kernel_stream::limit_kernel_buffers(std::size_t receive_bytes, std::size_t send_bytes) noexcept {
    const auto half = [](std::size_t bytes) { return static_cast<int>(std::min<std::size_t>(bytes / 2, INT_MAX)); };
    const int receive = half(receive_bytes);
    const int send = half(send_bytes);
    ::setsockopt(fd(), SOL_SOCKET, SO_RCVBUF, &receive, sizeof receive);
    ::setsockopt(fd(), SOL_SOCKET, SO_SNDBUF, &send, sizeof send);
}

address kernel_stream::local_address() const { return name_of(fd(), ::getsockname).value_or(address()); }

address kernel_stream::peer_address() const {
    const auto peer = name_of(fd(), ::getpeername);
    return peer && peer->family() != address_family::none ? *peer : name_of_former_peer(fd());
}

// Uses SO_PEERCRED, unix(7).
result<credentials> kernel_stream::peer_credentials() const {
    if (family_ != address_family::local) return byte_stream::peer_credentials();
    ::ucred peer{};
    ::socklen_t size = sizeof peer;
    if (::getsockopt(fd(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return outcome{errc_of(errno), errno}.during("peer_credentials", peer_address().to_string());
    return credentials{peer.pid, peer.uid, peer.gid};
}

std::optional<arrival> kernel_stream::read(kernel_backend& backend, block_size& size, bool& is_readable) try {
    arrival_place place(current_user(), backend.memory(), size);
    for (;;) {
        const ssize_t count = ::recv(fd(), place.data(), place.capacity(), MSG_DONTWAIT);
        is_readable = count == static_cast<ssize_t>(place.capacity()) || (count > 0 && may_leave_some_);
        if (count >= 0) {
            backend.count_read(static_cast<std::size_t>(count));
            return place.filled(static_cast<std::size_t>(count));
        }
        if (errno == EINTR) continue;
        if (errno == EAGAIN) return {};
        return arrival{{errc_of(errno), errno}, {}, 0};
    }
} catch (const std::bad_alloc&) {
    return arrival{{errc::no_memory, ENOMEM}, {}, 0};
}

std::optional<outcome> kernel_stream::send_now(buffer& bytes) {
    while (!bytes.empty()) {
        const ssize_t taken = ::send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (taken < 0 && errno == EINTR) continue;
        if (taken < 0) return errno == EAGAIN ? std::nullopt : std::optional(outcome{errc_of(errno), errno});
        const bool full = static_cast<std::size_t>(taken) < bytes.size();
        bytes.consume(static_cast<std::size_t>(taken));
        if (full) return {};
    }
    return outcome{};
}

// Uses sendmsg(2), which gathers the parts.
std::optional<outcome> kernel_stream::send_now(send_queue& queue) {
    while (queue.has_blocks()) {
        gathered_parts parts(queue);
        const ssize_t taken = ::sendmsg(fd(), &parts.header(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (taken < 0 && errno == EINTR) continue;
        if (taken < 0) return errno == EAGAIN ? std::nullopt : std::optional(outcome{errc_of(errno), errno});
        queue.consume(static_cast<std::size_t>(taken));
        if (static_cast<std::size_t>(taken) < parts.size()) return {};
    }
    return send_now(queue.bytes());
}

weir::socket kernel_stream::take_socket() noexcept {
    // Does not call set_blocking(): its error has a text, for which there may be no memory.
    if (const int flags = ::fcntl(fd(), F_GETFL); flags >= 0) ::fcntl(fd(), F_SETFL, flags & ~O_NONBLOCK);
    return {std::move(descriptor_), family_, socket_type::stream};
}

// SO_LINGER with a time of 0 makes close(2) reset the connection (socket(7)).
void kernel_stream::reset_at_close() noexcept {
    const linger at_once{1, 0};
    ::setsockopt(fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

}  // namespace weir::internal
