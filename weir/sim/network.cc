#include "weir/sim/network.h"

#include "weir/sim/acceptor.h"
#include "weir/sim/connect_attempt.h"
#include "weir/sim/names.h"
#include "weir/sim/port.h"
#include "weir/sim/signals.h"

namespace weir::sim {
namespace {

namespace linux_errno = internal::linux_errno;

error failed(outcome how, const char* operation, const address& subject) {
    return how.during(operation, subject.to_string());
}

void remember_path(internal::simulation& shared, const address& here) {
    if (here.is_path()) shared.paths.insert(std::string(here.local_name()));
}

// ip(7): a wildcard address means this machine.
address destination(const address& peer) {
    if (!peer.is_any()) return peer;
    return peer.family() == address_family::ipv4 ? address::loopback_ipv4(peer.port())
                                                 : address::loopback_ipv6(peer.port());
}

// Returns the host from which the kernel connects to `peer`.
address source(const address& peer) {
    const bool is_ipv4 = peer.family() == address_family::ipv4;
    if (peer.is_loopback()) return is_ipv4 ? address::loopback_ipv4(0) : address::loopback_ipv6(0);
    return is_ipv4 ? address::ipv4(10, 0, 0, 1, 0)
                   : address::ipv6({0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 0);
}

// Returns the name that the kernel chooses for a bind to `unix:`, unix(7).
address chosen_name(internal::simulation& shared) {
    const std::string number = std::to_string(shared.next_number());
    return *address::local_abstract(std::string(5 - std::min<std::size_t>(number.size(), 5), '0') + number);
}

}  // namespace

network::network(choices draw, network_options how)
    : shared_(std::make_unique<internal::simulation>(std::move(draw), std::move(how), memory())),
      signals_(std::make_unique<internal::signals>(*shared_)) {}
network::~network() = default;

choices& network::drawn() noexcept { return shared_->draw(); }
std::uint64_t network::trace_hash() const noexcept { return shared_->trace_hash(); }
void network::partition(const address& one, const address& other) { shared_->partition(one, other); }
void network::heal(const address& one, const address& other) { shared_->heal(one, other); }
void network::connect_from(const address& host) { shared_->connects_from = host; }
void network::raise(signal which) { signals_->raise(which); }
std::size_t network::open_descriptors() const noexcept { return shared_->counts.descriptors; }

bool network::reset(const address& one, const address& other) {
    for (const auto& [number, connection] : shared_->connections) {
        const address& from = connection->here(internal::connection::caller);
        const address& to = connection->here(internal::connection::called);
        if (!((from == one && to == other) || (from == other && to == one))) continue;
        if (!connection->reset_both()) continue;  // closed, but still referred to
        return true;
    }
    return false;
}

time_point network::now() { return shared_->now(); }
std::uint64_t network::random() { return shared_->draw().between(0, UINT64_MAX); }
bool network::wait(deadline until) { return shared_->wait(until); }
void network::wake() noexcept { shared_->wake(); }

result<void> network::offload(std::function<void()> work, at_loop_end) {
    shared_->later({}, [&shared = *shared_, work = std::move(work)] {
        shared.note(internal::trace_event::offloaded, 0);
        shared.user_notified();
        work();
    });
    return {};
}

result<owned_acceptor> network::listen(std::string_view here, listen_options how) {
    const auto found = internal::addresses_of(here, shared_->options.names);
    if (!found) return found.error();
    address bound = found->front();
    if (bound.is_unnamed()) bound = chosen_name(*shared_);
    if (bound.is_ip() && bound.port() == 0) bound = shared_->with_free_port(bound, shared_->listeners);
    if (!shared_->listeners.is_free(bound, how.reuse_port)) return failed(linux_errno::in_use, "listen", bound);
    if (!shared_->take_descriptor()) return failed(linux_errno::no_descriptors, "listen", bound);
    remember_path(*shared_, bound);
    const auto listening = std::make_shared<internal::listener>();
    listening->here = bound;
    // listen(2): SOMAXCONN is the maximum, and a negative number means SOMAXCONN.
    listening->backlog = how.backlog < 0 ? 4096 : static_cast<std::size_t>(std::min(how.backlog, 4096));
    shared_->listeners.add(bound, listening, how.reuse_port);
    return owned_acceptor(new internal::acceptor(*shared_, listening));
}

result<std::unique_ptr<connect_attempt>> network::connect(const address& peer, connect_attempt::user& user) {
    if (peer.family() == address_family::none) return failed(linux_errno::no_family, "connect", peer);
    if (peer.is_unnamed()) return failed(linux_errno::invalid, "connect", peer);
    const address to = destination(peer);
    address from = address::local_unnamed();
    if (to.is_ip()) {
        const bool chosen = shared_->connects_from.family() == to.family();
        from = shared_->with_free_port(chosen ? shared_->connects_from : source(to), shared_->listeners);
    }
    if (!shared_->take_descriptor()) return failed(linux_errno::no_descriptors, "connect", peer);
    return internal::start_connect(*shared_, std::move(from), to, user);
}

result<owned_port> network::open_port(const address& here, const address& peer) {
    const bool is_connected = peer.family() != address_family::none;
    const address to = is_connected ? destination(peer) : peer;
    address bound = here;
    if (here.family() == address_family::none) {
        WEIR_CHECK(is_connected, "open_port() needs a local address, an address of the peer, or both");
        bound = to.is_ip() ? source(to) : address::local_unnamed();
    } else if (here.is_unnamed()) {
        bound = chosen_name(*shared_);
    }
    if (is_connected && bound.family() != to.family()) return failed(linux_errno::no_family, "open", peer);
    if (bound.is_ip() && bound.port() == 0) bound = shared_->with_free_port(bound, shared_->ports);
    if (!bound.is_unnamed() && !shared_->ports.is_free(bound, false)) return failed(linux_errno::in_use, "open", bound);
    if (!shared_->take_descriptor()) return failed(linux_errno::no_descriptors, "open", bound);
    remember_path(*shared_, bound);
    return owned_port(new internal::port(*shared_, bound, to));
}

std::function<result<std::vector<address>>()> network::look_up(std::string text) {
    return [found = internal::addresses_of(text, shared_->options.names)] { return found; };
}

result<std::unique_ptr<signal_watch>> network::watch(signal which, std::function<void()> on_signal) {
    return signals_->watch(which, std::move(on_signal));
}

}  // namespace weir::sim
