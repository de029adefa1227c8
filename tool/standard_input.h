// Standard input, read so that another thread can end the waiting. Knows no messages.
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

    // How many bytes came, as soon as there are any; 0 at the end. errc::cancelled after a stop.
    weir::result<std::size_t> read(std::span<std::byte> into);

    // Nothing more is read.
    void stop() noexcept;
    // What is there is still read, but it is not waited for.
    void stop_waiting() noexcept;
    // Behind a stop: what is there is read again, but it is not waited for. While no read is under way.
    void only_what_is_there() noexcept;
    bool stopped() const noexcept { return stopped_; }
    // A read would not wait now.
    static bool has_something() noexcept;
    // A person types it.
    static bool is_terminal() noexcept;

private:
    bool wait() noexcept;
    void wake() const noexcept;

    std::array<int, 2> wake_{-1, -1};  // a pipe: one byte in it ends the waiting
    std::atomic<bool> stopped_{false};
    std::atomic<bool> waiting_is_over_{false};
};

}  // namespace weir_tool
