// Runs dialogues in which each allocation, fallible call or start of a thread fails: one alone, or several in a row, as
// during a shortage of memory. A failure may end a connection with a reason. The process continues, serves the next
// client, and leaks nothing.
#pragma once

#include <string>
#include <vector>

#include "tests/conformance/backends.h"
#include "tests/conformance/injected.h"

namespace weir_test {

// The result of a run.
struct seen {
    bool has_begun = false;  // the server started, and no exception ended it
    bool first_was_served = false;
    bool next_was_served = false;
    std::string reason;  // why the first client was not served
};

using names = std::vector<std::string>;

struct dialogue {
    // Sends and receives while failures are injected, ends the injection, and sends and receives again. `talks` runs on
    // a loop, `blocks` without a loop. May throw std::bad_alloc when there is no memory for the coroutine frame of the
    // first task.
    task<> (*talks)(seen&) = nullptr;
    void (*blocks)(seen&) = nullptr;
    // How many calls fail in a row. A row of one begins at each call, longer rows at each `rows_apart`-th call.
    std::vector<std::size_t> rows = {1, 2, 5, 25};
    std::size_t rows_apart = 1;
    // The threads whose calls fail.
    failing where = failing::this_thread;
    // The least number of calls that can fail, and the names of some of them: on every backend, on epoll, on io_uring.
    std::size_t places = 0;
    names fail = {};
    names fail_on_epoll = {};
    names fail_on_uring = {};
};

// Runs `talks` on a loop that uses epoll, and then on one that uses io_uring. The loop is opened before any call fails.
void fails_everywhere(const dialogue& one);

// Sends small messages and one that is larger than a read, and closes. If that fails, sets `reason`.
task<> talk_to(std::string where, bool& was_served, std::string& reason, wrappers through = {});

}  // namespace weir_test
