// The simulated network: a world of virtual time, in which any program of a loop runs unchanged, its server and its
// clients as tasks of that loop. Whatever a network may do differently from one day to the next is a choice here: where
// a stream is cut, how long a segment takes, what is answered at once, which fault strikes. So one seed is one run, and
// each run can be played again.
//
//     auto world = std::make_unique<weir::network>(weir::choices::random(seed));
//     weir::loop here(std::move(world));
//     here.run(server_and_clients());
//
// Hosts are addresses, and there is no other: each may be listened on and connected to, and so may Unix names.
//
//     send() ─▶ [ send buffer ] ─▶ segments, each its delay ─▶ [ receive buffer ] ─▶ receive()
//                 waits for room ahead                            a receive takes any part of it
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "weir/base/choices.h"
#include "weir/loop/backend.h"
#include "weir/sim/network_options.h"

namespace [[gnu::visibility("default")]] weir {

class sim_signals;
class sim_world;

// Time begins at one second, and passes in wait() alone, which jumps to the next thing that happens. A wait for ever in
// which nothing can happen is a WEIR_CHECK that says what hangs: nothing but what was simulated may wake this loop.
// What is open in it must be closed before it is destroyed. Thread safety: as its loop's; wake() from any thread.
class network final : public backend {
public:
    explicit network(choices draw, network_options how = {});
    ~network() override;

    // Where all decisions come from; a test may draw from it, too. Its row plays the run again.
    choices& drawn() noexcept;
    backend_kind kind() const noexcept override { return backend_kind::simulated; }
    // A number made of everything that has happened: when, what, to which connection, with which bytes. It is the same
    // for the same program and the same choices, in every build.
    std::uint64_t trace_hash() const noexcept;

    // Nothing passes between these two hosts any more, and neither hears why; ports do not count. What was
    // sent arrives when they are mended, if its sender has not given up.
    void cut(const address& one, const address& other);
    void mend(const address& one, const address& other);
    // Resets the connection between these two addresses, as a box on the way does: both ends are told. False: there is
    // none.
    bool reset(const address& one, const address& other);
    // From which host the next connections are made. address(): from where the kernel would, which is the loopback for
    // a loopback, and 10.0.0.1 or fd00::1 for others.
    void connect_from(const address& host);
    // The process gets this signal: whoever watches it is told in the next wait.
    void raise(signal which);
    std::size_t open_descriptors() const noexcept;

    time_point now() override;
    std::uint64_t random() override;
    bool wait(deadline until) override;
    void wake() noexcept override;
    // Runs it in a later wait, in order, on this thread.
    result<void> offload(std::function<void()> work, at_loop_end then = at_loop_end::finish) override;
    result<owned_acceptor> listen(std::string_view here, listen_options how) override;
    result<owned_acceptor> listen_beside(const acceptor& other) override;
    result<std::unique_ptr<attempt>> connect(const address& peer, attempt::user& told) override;
    result<owned_port> open_port(const address& here, const address& peer) override;
    std::function<result<std::vector<address>>()> look_up(std::string text) override;
    result<std::unique_ptr<signal_watch>> watch(signal which, std::function<void()> told) override;

private:
    std::unique_ptr<sim_world> world_;
    std::unique_ptr<sim_signals> signals_;
};

}  // namespace weir
