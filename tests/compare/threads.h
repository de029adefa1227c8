// A call that runs beside its script: started, seen to sleep in the kernel, interrupted, joined.
#pragma once

#include "tests/compare/stage.h"

namespace compare {

struct stage::beside {
    std::atomic<int> id = 0;  // of the thread, as the kernel numbers it
    std::atomic<bool> done = false;
    std::string answer;
    std::jthread thread;  // last: joined before the rest goes
};

// From now on a signal that interrupt() sends does nothing but interrupt.
void catch_interruptions();

}  // namespace compare
