#include "weir/sim/network.h"

#include "weir/sim/names.h"
#include "weir/sim/sim_acceptor.h"
#include "weir/sim/sim_attempt.h"
#include "weir/sim/sim_port.h"
#include "weir/sim/sim_signals.h"

namespace weir {
namespace {

error failed(outcome how, const char* operation, const address& subject) {
    return how.during(operation, subject.to_string());
}

void remember_path(sim_world& world, const address& here) {
    if (here.is_path()) world.paths.insert(std::string(here.local_name()));
}

// ip(7): a wildcard stands for this machine.
address destination(const address& peer) {
    if (!peer.is_any()) return peer;
    return peer.family() == address_family::ipv4 ? address::loopback_ipv4(peer.port())
                                                 : address::loopback_ipv6(peer.port());
}

// The host that speaks when `peer` is spoken to.
address source(const address& peer) {
    const bool is_ipv4 = peer.family() == address_family::ipv4;
    if (peer.is_loopback()) return is_ipv4 ? address::loopback_ipv4(0) : address::loopback_ipv6(0);
    return is_ipv4 ? address::ipv4(10, 0, 0, 1, 0)
                   : address::ipv6({0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 0);
}

// As the kernel makes one up when it is asked to bind to `unix:`, unix(7).
address made_up_name(sim_world& world) {
    const std::string number = std::to_string(world.next_number());
    return *address::local_abstract(std::string(5 - std::min<std::size_t>(number.size(), 5), '0') + number);
}

}  // namespace

network::network(choices draw, network_options how)
    : world_(std::make_unique<sim_world>(std::move(draw), std::move(how))),
      signals_(std::make_unique<sim_signals>(*world_)) {}
network::~network() = default;

choices& network::drawn() noexcept { return world_->draw(); }
std::uint64_t network::trace_hash() const noexcept { return world_->trace_hash(); }
void network::cut(const address& one, const address& other) { world_->cut(one, other, true); }
void network::mend(const address& one, const address& other) { world_->cut(one, other, false); }
void network::connect_from(const address& host) { world_->calls_from = host; }
void network::raise(signal which) { signals_->raise(which); }
std::size_t network::open_descriptors() const noexcept { return world_->counts.descriptors; }

bool network::reset(const address& one, const address& other) {
    for (const auto& [number, connection] : world_->connections) {
        const address& from = connection->here(sim_connection::caller);
        const address& to = connection->here(sim_connection::called);
        if (!((from == one && to == other) || (from == other && to == one))) continue;
        if (!connection->break_apart()) continue;  // over, but not forgotten yet
        return true;
    }
    return false;
}

time_point network::now() { return world_->now(); }
std::uint64_t network::random() { return world_->draw().between(0, UINT64_MAX); }
bool network::wait(deadline until) { return world_->wait(until); }
void network::wake() noexcept { world_->wake(); }

result<void> network::offload(std::function<void()> work, at_loop_end) {
    world_->later({}, [&world = *world_, work = std::move(work)] {
        world.note(happening::offloaded, 0);
        world.has_told();
        work();
    });
    return {};
}

result<owned_acceptor> network::listen(std::string_view here, listen_options how) {
    const auto found = addresses_of(here, world_->options.names);
    if (!found) return found.error();
    address bound = found->front();
    if (bound.is_unnamed()) bound = made_up_name(*world_);
    if (bound.is_ip() && bound.port() == 0) bound = world_->with_free_port(bound, world_->listeners);
    if (!world_->listeners.is_free(bound, how.reuse_port)) return failed(linux_errno::in_use, "listen", bound);
    if (!world_->take_descriptor()) return failed(linux_errno::no_descriptors, "listen", bound);
    remember_path(*world_, bound);
    const auto listening = std::make_shared<sim_listening>();
    listening->here = bound;
    // listen(2): SOMAXCONN is the most, and what a negative number means.
    listening->backlog = how.backlog < 0 ? 4096 : static_cast<std::size_t>(std::min(how.backlog, 4096));
    world_->listeners.add(bound, listening, how.reuse_port);
    return owned_acceptor(new sim_acceptor(*world_, listening));
}

result<owned_acceptor> network::listen_beside(const acceptor& other) {
    return error(errc::unsupported, "listen", other.local_address().to_string(),
                 "a simulated network has one loop: serve with one thread");
}

result<std::unique_ptr<attempt>> network::connect(const address& peer, attempt::user& told) {
    if (peer.family() == address_family::none) return failed(linux_errno::no_family, "connect", peer);
    if (peer.is_unnamed()) return failed(linux_errno::invalid, "connect", peer);
    const address to = destination(peer);
    address from = address::local_unnamed();
    if (to.is_ip()) {
        const bool chosen = world_->calls_from.family() == to.family();
        from = world_->with_free_port(chosen ? world_->calls_from : source(to), world_->listeners);
    }
    if (!world_->take_descriptor()) return failed(linux_errno::no_descriptors, "connect", peer);
    return begin_call(*world_, std::move(from), to, told);
}

result<owned_port> network::open_port(const address& here, const address& peer) {
    const bool is_connected = peer.family() != address_family::none;
    const address to = is_connected ? destination(peer) : peer;
    address bound = here;
    if (here.family() == address_family::none) {
        WEIR_CHECK(is_connected, "open_port() needs an address of its own, or of its peer, or both");
        bound = to.is_ip() ? source(to) : address::local_unnamed();
    } else if (here.is_unnamed()) {
        bound = made_up_name(*world_);
    }
    if (is_connected && bound.family() != to.family()) return failed(linux_errno::no_family, "open", peer);
    if (bound.is_ip() && bound.port() == 0) bound = world_->with_free_port(bound, world_->ports);
    if (!bound.is_unnamed() && !world_->ports.is_free(bound, false)) return failed(linux_errno::in_use, "open", bound);
    if (!world_->take_descriptor()) return failed(linux_errno::no_descriptors, "open", bound);
    remember_path(*world_, bound);
    return owned_port(new sim_port(*world_, bound, to));
}

std::function<result<std::vector<address>>()> network::look_up(std::string text) {
    return [found = addresses_of(text, world_->options.names)] { return found; };
}

result<std::unique_ptr<signal_watch>> network::watch(signal which, std::function<void()> told) {
    return signals_->watch(which, std::move(told));
}

}  // namespace weir
