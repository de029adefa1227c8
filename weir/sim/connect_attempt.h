// An attempt to connect in a simulated network: its SYN travels to a listener, and is repeated until there is an
// answer. Private.
#pragma once

#include <memory>

#include "weir/loop/backend.h"
#include "weir/sim/simulation.h"

namespace weir::sim::internal {

// The state of a connect. Events share it, so it may outlive the attempt.
struct connect_call {
    simulation& shared;
    weir::connect_attempt::user* user;  // null: completed or cancelled
    address from;
    address to;
    time_point begun;
    duration next_try;
    pending_operation waits;
    bool holds_descriptor = true;
};

// Owns one simulated descriptor, which the creator has taken with take_descriptor(), until the stream takes it over or
// the connect fails.
class connect_attempt final : public weir::connect_attempt {
public:
    explicit connect_attempt(std::shared_ptr<connect_call> call) : call_(std::move(call)) {}
    ~connect_attempt() override;

private:
    const std::shared_ptr<connect_call> call_;
};

// Connects from `from` to `to`, which must be an address that can be connected to.
std::unique_ptr<weir::connect_attempt> start_connect(simulation& shared, address from, address to,
                                                     weir::connect_attempt::user& user);

// Called when the queue of a Unix socket has room. Admits the first waiting call that was not cancelled.
void admit_next(listener& at);

// Called when the SYN arrives at the listener's address. Answers it, refuses it, or lets the call wait.
void arrive_at_listener(const std::shared_ptr<connect_call>& call);

}  // namespace weir::sim::internal
