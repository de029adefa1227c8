// A thread that runs a loop of its own.
#pragma once

#include <functional>
#include <thread>

#include "weir/loop/loop.h"

namespace [[gnu::visibility("default")]] weir {

// Joined when destroyed: whoever owns it makes the body end. Thread safety: one thread at a time.
class loop_thread {
public:
    // Runs `body` on the new thread, with a loop of the machine's own world; on epoll where the backend that is named is refused.
    explicit loop_thread(std::function<void(loop&)> body, backend_kind which = backend_kind::automatic)
        : thread_([work = std::move(body), which] {
              loop mine(which == backend_kind::epoll ? std::move(*open_world(which)) : real_world());
              work(mine);
          }) {}
    loop_thread(loop_thread&&) noexcept = default;
    ~loop_thread() {
        if (thread_.joinable()) thread_.join();
    }

private:
    std::thread thread_;
};

}  // namespace weir
