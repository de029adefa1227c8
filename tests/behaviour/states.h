// The states of a stream socket, and how each is reached. Each state is reached only by calls of the interface, so it
// means the same on every implementation.
#pragma once

#include <span>

#include "tests/behaviour/network.h"

namespace behaviour {

// A socket in a certain state, with its peer and its listener. A handle that the state does not need is -1.
struct scene {
    handle own = -1;
    handle peer = -1;
    handle listener = -1;
    weir::address bound;  // what `own` was bound to
    weir::address there;  // what `own` connected to
};

struct state {
    const char* name;
    const char* chinese_name;
    const char* how;  // how it is reached
    const char* chinese_how;
    bool needs_steps;  // exists only where connects_in_steps()
    void (*reach)(network& on, scene& made);
};

std::span<const state> states();

// Checks that a necessary step succeeded. If it failed, throws std::runtime_error with the message of its error.
void must(const weir::result<void>& done);
handle listen_somewhere(network& on, int backlog, weir::address& here);

}  // namespace behaviour
