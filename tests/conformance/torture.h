// Dialogues in which each allocation, fallible call and start of a thread fails once, and so many in a row, as where
// memory is gone for a while. A connection may end by it, and says why; the process and the next client go on, and
// nothing leaks.
#pragma once

#include <string>
#include <vector>

#include "tests/conformance/backends.h"
#include "tests/conformance/injected.h"

namespace weir_test {

// What can be seen of a run.
struct seen {
    bool has_begun = false;  // what serves is there, and nothing that was thrown ended it
    bool first_was_served = false;
    bool next_was_served = false;
    std::string reason;  // why the first was not served
};

using names = std::vector<std::string>;

struct dialogue {
    // Talks once while failures are injected, disarms them, and talks again: on a loop, or without one. std::bad_alloc
    // may leave it when there is no memory for the frame of the first task.
    task<> (*talks)(seen&) = nullptr;
    void (*blocks)(seen&) = nullptr;
    // So many fail in a row. One alone fails at each place; longer rows begin so far apart.
    std::vector<std::size_t> rows = {1, 2, 5, 25};
    std::size_t rows_apart = 1;
    // On these threads...
    failing where = failing::this_thread;
    // ...there are at least so many places, these among them, and these on epoll and on io_uring.
    std::size_t places = 0;
    names fail = {};
    names fail_on_epoll = {};
    names fail_on_uring = {};
};

// What talks does so on a loop on epoll, and then on one on io_uring; a loop is open before anything fails.
void fails_everywhere(const dialogue& one);

// Small messages, one that does not fit in a read, and a polite end. `reason` says why it did not end so.
task<> talk_to(std::string where, bool& was_served, std::string& reason, wrappers through = {});

}  // namespace weir_test
