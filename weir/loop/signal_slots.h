// Signals as events of loops: a handler that only notes the signal and wakes whoever watches it. Private.
#pragma once

#include <functional>
#include <memory>

#include "weir/loop/backend.h"

namespace weir {

// The signals of one backend. Several backends may watch the same signal; each is told. What the signal did before
// comes back when nobody watches it any more.
class signal_slots {
public:
    explicit signal_slots(backend& wakes) noexcept : wakes_(wakes) {}
    signal_slots(const signal_slots&) = delete;
    signal_slots& operator=(const signal_slots&) = delete;

    // errc::no_memory: more than 64 watches in the process.
    result<std::unique_ptr<signal_watch>> watch(signal which, std::function<void()> told);
    // Tells of what came since the last call. Thread safety: its backend's thread.
    void tell();

private:
    class watching;

    backend& wakes_;
    std::vector<watching*> all_;
};

}  // namespace weir
