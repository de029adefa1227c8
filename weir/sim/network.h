// The simulated network: a backend with virtual time. A program runs in it unchanged; its server and its clients are
// tasks of one loop. Everything that differs between two runs on a real network is a choice here: how a stream is
// segmented, how long a segment takes, which operations complete at once, which faults occur. The seed determines the
// run, so each run can be repeated.
//
//     auto network = std::make_unique<weir::sim::network>(weir::choices::random(seed));
//     weir::loop here(std::move(network));
//     here.run(server_and_clients());
//
// Hosts are addresses. Every address exists: a program may listen on it and connect to it. The same is true for Unix
// names.
//
//     send() ─▶ [ send buffer ] ─▶ segments, each its delay ─▶ [ receive buffer ] ─▶ receive()
//                 waits for room in the peer's buffer              a receive takes any part of it
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "weir/base/choices.h"
#include "weir/loop/backend.h"
#include "weir/sim/network_options.h"

namespace [[gnu::visibility("default")]] weir {
namespace sim {
namespace internal {
class signals;
class simulation;
}  // namespace internal

// A simulated network as the backend of a loop. Time begins at one second and passes only in wait(), which jumps to the
// next event. A wait without a deadline and without a future event would never end, so it fails a WEIR_CHECK that lists
// the pending operations. The loop must therefore not wait for another thread. All streams, listeners, attempts and
// ports must be closed before the network is destroyed. Thread safety: its loop's thread alone, except for wake().
class network final : public backend {
public:
    // Makes a network that draws its decisions from `draw`.
    explicit network(choices draw, network_options how = {});
    ~network() override;

    // Returns the source of all decisions; a test may also draw from it. choices::replay() with its row() repeats the
    // run.
    choices& drawn() noexcept;
    // Returns backend_kind::simulated.
    backend_kind kind() const noexcept override { return backend_kind::simulated; }
    // Returns a hash of all events: time, kind, connection, bytes. The same program with the same choices has the same
    // hash in every build.
    std::uint64_t trace_hash() const noexcept;

    // Loses every packet between these two hosts, without an error; ports are ignored. heal() ends the loss: TCP then
    // delivers the bytes that were sent before, unless the sender has timed out.
    void partition(const address& one, const address& other);
    void heal(const address& one, const address& other);
    // Resets the connection between these two addresses, as a middlebox may do: both ends get the reset. Returns false
    // if there is no such connection.
    bool reset(const address& one, const address& other);
    // Sets the host from which later connections are made. With address(), the network chooses a host for each connect:
    // the loopback address for a loopback peer, and 10.0.0.1 or fd00::1 for any other peer.
    void connect_from(const address& host);
    // Sends this signal to the simulated process. The next wait notifies its watches.
    void raise(signal which);
    // Returns the number of open descriptors, see network_options::most_descriptors.
    std::size_t open_descriptors() const noexcept;

    time_point now() override;
    std::uint64_t random() override;
    bool wait(deadline until) override;
    void wake() noexcept override;
    // Runs `work` during a later wait, on this thread, in the order of the calls.
    result<void> offload(std::function<void()> work, at_loop_end then = at_loop_end::finish) override;
    // These functions do in the simulated network what `backend` describes.
    result<owned_acceptor> listen(std::string_view here, listen_options how) override;
    result<std::unique_ptr<connect_attempt>> connect(const address& peer, connect_attempt::user& user) override;
    result<owned_port> open_port(const address& here, const address& peer) override;
    std::function<result<std::vector<address>>()> look_up(std::string text) override;
    result<std::unique_ptr<signal_watch>> watch(signal which, std::function<void()> on_signal) override;

private:
    std::unique_ptr<internal::simulation> shared_;
    std::unique_ptr<internal::signals> signals_;
};

}  // namespace sim
}  // namespace weir
