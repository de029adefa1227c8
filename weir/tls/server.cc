#include "weir/tls/server.h"

#include <utility>

#include "weir/tls/internal/tls_context.h"
#include "weir/tls/internal/wrap_in_tls.h"

namespace weir::tls {

server::server(std::shared_ptr<const internal::tls_context> how) noexcept : current_(std::move(how)) {}
server::~server() = default;

result<std::shared_ptr<server>> server::make(server_options how) {
    auto made = internal::tls_context::of_server(std::move(how));
    if (!made) return made.error();
    return std::shared_ptr<server>(new server(std::move(*made)));
}

result<void> server::reload(server_options how) {
    auto made = internal::tls_context::of_server(std::move(how), current().get());
    if (!made) return made.error();
    const std::lock_guard locked(mutex_);
    current_.swap(*made);  // the old one is destroyed with its last connection, without the lock
    return {};
}

std::shared_ptr<const internal::tls_context> server::current() const {
    const std::lock_guard locked(mutex_);
    return current_;
}

std::optional<duration> server::handshake_time() const noexcept { return current()->common().handshake_time; }

task<result<owned_stream>> server::wrap(owned_stream below, peer_facts& peer) const {
    return internal::wrap_in_tls(current(), {}, std::move(below), peer);
}

}  // namespace weir::tls
