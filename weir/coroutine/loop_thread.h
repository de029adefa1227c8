// A thread that runs a loop of its own.
#pragma once

#include <functional>
#include <thread>
#include <utility>

#include "weir/base/result.h"
#include "weir/loop/loop.h"

namespace [[gnu::visibility("default")]] weir {

// A thread that runs a loop of its own. The destructor joins the thread, so the owner must make `body` end first.
// Thread safety: one thread at a time.
class loop_thread {
public:
    // Starts a thread, opens a loop on it, and returns when that is done. The loop uses the backend `which`, or epoll
    // where io_uring is refused. Then `body` runs on the new thread; it must not throw. Errors: errc::system, if no
    // thread can be started; those of open_backend(). After an error, `body` is not run.
    static result<loop_thread> start(std::function<void(loop&)> body, backend_kind which = backend_kind::automatic);
    // Takes over the thread of the other object.
    loop_thread(loop_thread&&) noexcept = default;
    ~loop_thread() {
        if (thread_.joinable()) thread_.join();
    }

private:
    explicit loop_thread(std::thread started) noexcept : thread_(std::move(started)) {}

    std::thread thread_;
};

}  // namespace weir
