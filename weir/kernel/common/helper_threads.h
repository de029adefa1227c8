// Threads for work that blocks, such as resolving names or reading files. They start when they are needed. Private.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "weir/base/result.h"
#include "weir/loop/backend.h"

namespace weir::internal {

// Thread safety: any thread, except for construction and destruction.
class helper_threads {
public:
    // The most threads that work at a time; further work waits.
    static constexpr std::size_t most_threads = 8;

    helper_threads();
    helper_threads(const helper_threads&) = delete;
    helper_threads& operator=(const helper_threads&) = delete;
    // Drops work that has not begun, and waits for work in progress. It does not wait for work that is left behind: the
    // thread of such work owns everything that it uses, and ends after the work.
    ~helper_threads();

    // Calls and destroys `work` on one of these threads, without holding a lock. `work` must not throw. Errors: those
    // of backend::offload().
    result<void> run(std::function<void()> work, at_loop_end then);

private:
    struct crew;
    std::shared_ptr<crew> crew_;
};

}  // namespace weir::internal
