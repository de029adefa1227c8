#include "weir/kernel/common/watched_acceptor.h"

#include <cerrno>
#include <new>

#include "weir/kernel/common/kernel_backend.h"

namespace weir::internal {

watched_acceptor::watched_acceptor(kernel_backend& backend, weir::socket listening)
    : backend_(backend), socket_(std::move(listening)) {
    if (auto here = socket_.local_address()) here_ = std::move(*here);
    // The output of a turn is sent at once and in one piece, so Nagle's algorithm would only delay it (TCP_NODELAY,
    // tcp(7)). Connections inherit the option from the listening socket.
    if (socket_.family() != address_family::local) static_cast<void>(socket_.set(option::no_delay, true));
}

std::optional<accepted_connection> watched_acceptor::accept() try {
    if (is_ready_) {
        auto taken = socket_.accept();
        if (taken && gives_sockets_)
            return accepted_connection{{}, {}, std::move(taken->peer), std::move(taken->connection)};
        if (taken) {
            auto made = backend_.adopt(std::move(taken->connection));
            if (!made) return accepted_connection{outcome::of(made.error()), {}, {}};
            return accepted_connection{{}, std::move(*made), std::move(taken->peer)};
        }
        // If no descriptors are left, the connection stays in the queue.
        if (!(taken == errc::would_block)) return accepted_connection{outcome::of(taken.error()), {}, {}};
        is_ready_ = false;
    }
    is_accepting_ = true;
    return {};
} catch (const std::bad_alloc&) {
    return accepted_connection{{errc::no_memory, ENOMEM}, {}, {}};
}

void watched_acceptor::close() noexcept {
    backend_.readiness().forget(socket_.fd());
    delete this;
}

void watched_acceptor::on_ready(std::uint32_t) noexcept {
    is_ready_ = true;
    if (!is_accepting_) return;
    is_accepting_ = false;
    if (auto one = accept()) current_user().on_accepted(std::move(*one));
}

}  // namespace weir::internal
