// Signals of a simulated process: who watches which. Private.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "weir/loop/backend.h"
#include "weir/sim/sim_world.h"

namespace weir {

class sim_signals {
public:
    explicit sim_signals(sim_world& world) : world_(world), watches_(std::make_shared<list>()) {}

    std::unique_ptr<signal_watch> watch(signal which, std::function<void()> told);
    // Whoever watches it when the next wait comes is told, in the order in which they began.
    void raise(signal which);

private:
    struct entry {
        signal which;
        std::function<void()> told;
    };
    using list = std::vector<std::shared_ptr<entry>>;
    class watching;

    sim_world& world_;
    std::shared_ptr<list> watches_;
};

}  // namespace weir
