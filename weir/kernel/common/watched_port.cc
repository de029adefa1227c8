#include "weir/kernel/common/watched_port.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <new>

#include "weir/kernel/common/kernel_backend.h"
#include "weir/socket/internal/native_address.h"
#include "weir/socket/internal/system_error.h"

namespace weir::internal {
namespace {

constexpr std::size_t block_of_any_datagram = 2;
static_assert(block_pool::bytes_of(block_of_any_datagram) >= datagram_port::most_bytes);

}  // namespace

std::optional<arrived_datagram> watched_port::receive() try {
    if (readable_) {
        arrived_datagram came;
        came.bytes = backend_.memory().blocks().lend(block_of_any_datagram);
        native_address from;
        ssize_t size = 0;
        do {
            size =
                ::recvfrom(socket_.fd(), came.bytes.data(), came.bytes.capacity(), MSG_TRUNC, from.data(), &from.size);
        } while (size < 0 && errno == EINTR);
        if (size >= 0) {
            came.full_size = static_cast<std::size_t>(size);
            came.bytes.resize(std::min(came.full_size, came.bytes.capacity()));
            came.from = from.to_address();
            return came;
        }
        if (errno != EAGAIN) return arrived_datagram{{errc_of(errno), errno}, {}, {}, 0};
        readable_ = false;
    }
    receiving_ = true;
    return {};
} catch (const std::bad_alloc&) {
    return arrived_datagram{{errc::no_memory, ENOMEM}, {}, {}, 0};
}

outcome watched_port::send(bytes_view payload, const address& to) {
    native_address native;
    const bool connected = to.family() == address_family::none;
    if (!connected) {
        auto made = native_address::of(to);
        if (!made) return outcome::of(made.error());
        native = *made;
    }
    for (;;) {
        const ssize_t sent = ::sendto(socket_.fd(), payload.data(), payload.size(), MSG_NOSIGNAL,
                                      connected ? nullptr : native.data(), connected ? 0 : native.size);
        if (sent >= 0) return {};
        if (errno == EINTR) continue;
        if (errno == EAGAIN) is_full_ = true;
        return {errc_of(errno), errno};
    }
}

address watched_port::local_address() const {
    const auto name = socket_.local_address();
    return name ? *name : address();
}

address watched_port::peer_address() const {
    const auto name = socket_.peer_address();
    return name ? *name : address();
}

void watched_port::close() noexcept {
    backend_.readiness().forget(socket_.fd());
    delete this;
}

void watched_port::on_ready(std::uint32_t events) noexcept {
    if ((events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) {
        readable_ = true;
        if (receiving_) {
            receiving_ = false;
            if (auto came = receive()) current_user().on_received(std::move(*came));
        }
    }
    if (is_full_ && (events & EPOLLOUT) != 0) {
        is_full_ = false;
        current_user().on_writable();
    }
}

}  // namespace weir::internal
