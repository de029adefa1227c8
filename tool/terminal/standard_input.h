// Reads bytes from standard input; another thread can end the wait.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <span>

#include <weir/base/result.h>

namespace weir_tool {

// Thread safety: one thread reads; any thread may stop it.
class standard_input {
public:
    standard_input();
    standard_input(const standard_input&) = delete;
    standard_input& operator=(const standard_input&) = delete;
    ~standard_input();

    // Waits for bytes and returns their number; 0 at the end. Errors: cancelled after a stop, system.
    weir::result<std::size_t> read(std::span<std::byte> into);

    // Ends reading.
    void stop() noexcept;
    // From now on read() returns only what is available, and does not wait for more.
    void stop_waiting() noexcept;
    // After a stop(), allows read() to return what is available, without waiting. Call it while no read() is running.
    void only_what_is_there() noexcept;
    bool stopped() const noexcept { return stopped_; }
    // True when a read would not wait now.
    static bool has_something() noexcept;
    // True when standard input is a terminal.
    static bool is_terminal() noexcept;

private:
    bool wait() noexcept;
    void wake() const noexcept;

    std::array<int, 2> wake_{-1, -1};  // a pipe: a byte in it ends the wait
    std::atomic<bool> stopped_{false};
    std::atomic<bool> waiting_is_over_{false};
};

}  // namespace weir_tool
