#include "weir/kernel/common/kernel_backend.h"

#include <cerrno>

#include "weir/base/check.h"
#include "weir/kernel/common/kernel_random.h"
#include "weir/kernel/common/retried_connect.h"
#include "weir/kernel/common/watched_acceptor.h"
#include "weir/kernel/common/watched_connect.h"
#include "weir/kernel/common/watched_port.h"
#include "weir/socket/clock.h"
#include "weir/socket/internal/check_use.h"
#include "weir/socket/internal/system_error.h"
#include "weir/socket/names/resolve.h"

namespace weir::internal {

time_point kernel_backend::now() { return weir::now(); }

std::uint64_t kernel_backend::random() { return kernel_random(); }

void kernel_backend::wake() noexcept {
    if (!awake_.exchange(true)) readiness_.wake();
}

result<owned_acceptor> kernel_backend::listen(std::string_view here, listen_options how) {
    auto made = listen_on(here, how);
    if (!made) return made.error();
    auto listening = accept_from(std::move(*made));
    if (listening && (*listening)->local_address().family() == address_family::none)
        return error(errc::system, "listen", std::string(here), "the kernel does not return its address");
    return listening;
}

result<owned_acceptor> kernel_backend::adopt_listener(socket listening) {
    if (auto checked = check_listener(listening); !checked) return checked.error();
    return accept_from(std::move(listening));
}

result<owned_acceptor> kernel_backend::accept_from(socket listening) {
    if (auto set = listening.set_blocking(false); !set) return set.error();
    auto* const made = new watched_acceptor(*this, std::move(listening));
    owned_acceptor owned(made);
    if (auto added = readiness_.watch(made->listening().fd(), *made); !added) return added.error();
    return owned;
}

result<std::unique_ptr<connect_attempt>> kernel_backend::connect(const address& peer, connect_attempt::user& user) {
    auto opened = socket::open(peer.family(), socket::stream);
    if (!opened) return opened.error().during("connect", peer.to_string());
    if (auto set = opened->set_blocking(false); !set) return set.error().during("connect", peer.to_string());
    if (peer.is_ip()) static_cast<void>(opened->set(option::no_delay, true));
    auto begun = opened->connect(peer);
    if (!begun && begun.error().system_code() == EAGAIN && !peer.is_ip())
        return retried_connect::begin(*this, std::move(*opened), peer, user);
    if (!begun && begun.error().system_code() != EINPROGRESS && begun.error().system_code() != EINTR)
        return begun.error();
    auto made = std::make_unique<watched_connect>(*this, std::move(*opened), user);
    if (auto added = readiness_.watch(made->connecting().fd(), *made); !added)
        return added.error().during("connect", peer.to_string());
    return std::unique_ptr<connect_attempt>(std::move(made));
}

result<owned_port> kernel_backend::open_port(const address& here, const address& peer) {
    const bool bound = here.family() != address_family::none;
    const address& named = bound ? here : peer;
    auto opened = socket::open(named.family(), socket::datagram);
    result<void> done = opened ? opened->set_blocking(false) : opened.error();
    if (done && bound) done = opened->bind(here);
    if (done && peer.family() != address_family::none) done = opened->connect(peer);
    if (!done) return done.error().during("open", named.to_string());
    auto* const made = new watched_port(*this, std::move(*opened));
    owned_port owned(made);
    if (auto added = readiness_.watch(made->opened().fd(), *made); !added) return added.error();
    return owned;
}

std::function<result<std::vector<address>>()> kernel_backend::look_up(std::string text) {
    return [name = std::move(text)] { return resolve(name); };
}

result<std::unique_ptr<signal_watch>> kernel_backend::watch(signal which, std::function<void()> on_signal) {
    return signals_.watch(which, std::move(on_signal));
}

}  // namespace weir::internal
