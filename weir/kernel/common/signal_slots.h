// Delivers signals as events of loops: the signal handler only records the signal, and wakes the backends that watch
// it. Private.
#pragma once

#include <functional>
#include <memory>

#include "weir/loop/backend.h"

namespace weir::internal {

// The signals of one backend. Several backends may watch the same signal; each of them gets it. The previous action of
// the signal is restored when the last watch ends.
class signal_slots {
public:
    explicit signal_slots(backend& wakes) noexcept : wakes_(wakes) {}
    signal_slots(const signal_slots&) = delete;
    signal_slots& operator=(const signal_slots&) = delete;

    // Error: errc::over_limit, if the process already has 64 watches.
    result<std::unique_ptr<signal_watch>> watch(signal which, std::function<void()> on_signal);
    // Delivers the signals that came since the last call. Thread safety: its backend's thread.
    void deliver();

private:
    class watching;

    backend& wakes_;
    std::vector<watching*> all_;
};

}  // namespace weir::internal
