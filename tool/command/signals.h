// Calls an ordinary function for SIGINT and SIGTERM, on a separate thread. The function has none of the restrictions of
// a signal handler.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace weir_tool {

// Blocks SIGINT and SIGTERM, so that `signals` can wait for them. Ignores SIGPIPE, so that writing to a closed pipe
// returns an error. Call it before any thread is started.
void hold_signals();

// Lets SIGINT and SIGTERM end the process, until a loop watches them. Call it before the process starts other threads.
void let_signals_kill() noexcept;

class signals {
public:
    // Called for each signal, with the number of the signal and a count that begins at 1.
    using handler = std::function<void(int number, int nth)>;

    explicit signals(handler on_signal);
    signals(const signals&) = delete;
    signals& operator=(const signals&) = delete;
    // When it returns, no call is running and none will follow.
    ~signals();

private:
    void wait_for_them();

    handler on_signal_;
    std::atomic<bool> ended_{false};
    std::thread thread_;  // last: it uses the other members
};

// Terminates the process immediately with this signal. The parent process sees the signal; a shell reports 130 or 143.
[[noreturn]] void die_by(int number) noexcept;

}  // namespace weir_tool
