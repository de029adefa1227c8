// A connection on its way in a simulated network: the call knocks where somebody may listen, and again where nothing
// answers. Private.
#pragma once

#include <memory>

#include "weir/loop/backend.h"
#include "weir/sim/sim_world.h"

namespace weir {

// Outlives its attempt in what is under way.
struct sim_call {
    sim_world& world;
    attempt::user* told;  // null: told, or given up
    address from;
    address to;
    time_point begun;
    duration next_try;
    asked waits;
    bool holds_descriptor = true;
};

// It holds a descriptor, which whoever makes it has taken, until the stream has it or it failed.
class sim_attempt final : public attempt {
public:
    explicit sim_attempt(std::shared_ptr<sim_call> call) : call_(std::move(call)) {}
    ~sim_attempt() override;

private:
    const std::shared_ptr<sim_call> call_;
};

// From `from` to `to`, which is an address that can be connected to.
std::unique_ptr<attempt> begin_call(sim_world& world, address from, address to, attempt::user& told);

// Room has been made in the queue of a Unix socket: the first of the calls in line that was not given up arrives.
void knock_next(sim_listening& at);

// The call arrives.
void knock(const std::shared_ptr<sim_call>& call);

}  // namespace weir
