// A call that runs in its own thread beside the script. A script starts the call, waits until it sleeps, interrupts it,
// and joins it.
#pragma once

#include "tests/compare/stage.h"

namespace compare {

struct stage::beside {
    std::atomic<int> id = 0;  // the thread id in the kernel
    std::atomic<bool> done = false;
    std::string answer;
    std::jthread thread;  // last: it is joined before the other members are destroyed
};

// Installs a signal handler, so that the signal of interrupt() only interrupts system calls.
void catch_interruptions();

}  // namespace compare
