// A call that runs in a thread beside its script: it is started, awaited until it sleeps, interrupted, and joined.
#pragma once

#include "tests/compare/stage.h"

namespace compare {

struct stage::beside {
    std::atomic<int> id = 0;  // of the thread, as the kernel numbers it
    std::atomic<bool> done = false;
    std::string answer;
    std::jthread thread;  // last: it is joined before the other members are destroyed
};

// Installs a handler, so that a signal of interrupt() only interrupts system calls.
void catch_interruptions();

}  // namespace compare
