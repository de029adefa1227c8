// The signals of a simulated process, and their watches. Private.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "weir/loop/backend.h"
#include "weir/sim/simulation.h"

namespace weir::sim::internal {

class signals {
public:
    explicit signals(simulation& shared) : shared_(shared), watches_(std::make_shared<list>()) {}

    std::unique_ptr<signal_watch> watch(signal which, std::function<void()> on_signal);
    // The next wait notifies the watches of this signal, in the order in which they were made.
    void raise(signal which);

private:
    struct entry {
        signal which;
        std::function<void()> on_signal;
    };
    using list = std::vector<std::shared_ptr<entry>>;
    class watching;

    simulation& shared_;
    std::shared_ptr<list> watches_;
};

}  // namespace weir::sim::internal
