// SIGINT and SIGTERM, handed to an ordinary function on a thread of its own: what it may do is not limited as in a
// signal handler.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace weir_tool {

// Before any thread is started: SIGINT and SIGTERM wait for `signals`, SIGPIPE is never raised (writing to a closed
// pipe is an error instead).
void hold_signals();

// From here on they end the process by themselves, until a loop watches them. On the only thread, or before it starts
// others.
void let_signals_kill() noexcept;

class signals {
public:
    // Called for each signal with its number and with which one it is, from 1.
    using handler = std::function<void(int number, int nth)>;

    explicit signals(handler on_signal);
    signals(const signals&) = delete;
    signals& operator=(const signals&) = delete;
    // No call is running or comes afterwards.
    ~signals();

private:
    void wait_for_them();

    handler on_signal_;
    std::atomic<bool> ended_{false};
    std::thread thread_;  // last: it uses the others
};

// Ends the process at once, by this signal: whoever waits for it sees that, and a shell 130 or 143.
[[noreturn]] void die_by(int number) noexcept;

}  // namespace weir_tool
