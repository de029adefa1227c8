// What a loop needs from the world. epoll implements it, and a world of virtual time for tests; nothing above can tell which.
#pragma once

#include <functional>

#include "weir/base/time.h"

namespace [[gnu::visibility("default")]] weir {

// Thread safety: its loop's thread alone, but for wake().
class backend {
public:
    virtual ~backend() = default;

    virtual time_point now() = 0;
    // Returns when something has completed, when wake() was called since the last wait, or at `until`, whichever comes first. What has
    // completed is told to its loop in this call.
    virtual void wait(deadline until) = 0;
    // Ends the wait that is going on, or the next one. From any thread.
    virtual void wake() noexcept = 0;
    // Runs `work` on a thread where it may block.
    virtual void offload(std::function<void()> work) = 0;
};

}  // namespace weir
