// Runs a task on a loop that another event loop drives. This is for programs that already have an event loop (poll(2),
// GLib, Qt, libuv).
//
//     weir::loop here(weir::system_backend());
//     weir::started talk(here, converse());
//     while (!talk.has_ended()) {
//         // wait until here.poll_fd() is readable, until here.due() at most, or until another event of the program
//         here.run_once(weir::now());
//     }
#pragma once

#include <optional>
#include <utility>

#include "weir/base/check.h"
#include "weir/coroutine/internal/child_task.h"
#include "weir/coroutine/task.h"
#include "weir/loop/loop.h"

namespace [[gnu::visibility("default")]] weir {

// A task that was started on a loop. It begins in the loop's next turn. Thread safety: its loop's thread alone.
template <class T>
class started {
public:
    // Starts the task `main` on the loop `here`. The other event loop runs `here` by calling its run_once().
    started(loop& here, task<T> main) : here_(here), main_(std::move(main)) { first_.begin(*main_, here_); }
    started(const started&) = delete;
    started& operator=(const started&) = delete;
    // If the task has not ended, destroys it at its suspension point. Does not wait for connections that are closing:
    // they belong to the loop, which ends them when it is destroyed.
    ~started() {
        const loop::entered again(here_);
        main_.reset();
    }

    // Returns whether the task has ended, so that take() may be called.
    bool has_ended() const noexcept { return first_.has_ended(); }
    // Cancels the task: its current wait ends with errc::cancelled in a later turn.
    void cancel() noexcept {
        const loop::entered again(here_);
        first_.cancel();
    }
    // Returns the task's value, or throws its exception. Call it once, after the task has ended. A call before the end
    // fails a WEIR_CHECK.
    T take() {
        WEIR_CHECK(has_ended(), "started::take() before the task has ended");
        return main_->take();
    }

private:
    loop& here_;
    internal::child_task first_;
    std::optional<task<T>> main_;  // refers to the child, and is destroyed first
};

}  // namespace weir
