// The loop: runs what is ready, waits for the world, expires timers, and again. One a thread; whatever belongs to it is used on that
// thread alone, but for `remote`.
//
//     int main() { return weir::run(main_task()); }
//
// Time stands still during a turn: now() is when the turn began.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "weir/base/time.h"
#include "weir/loop/backend.h"
#include "weir/loop/child.h"
#include "weir/loop/ready_list.h"
#include "weir/loop/task.h"
#include "weir/loop/timer.h"

namespace [[gnu::visibility("default")]] weir {

// From other threads into a loop. Cheap to copy; good for ever, also when the loop has ended.
// Thread safety: any thread.
class remote {
public:
    // Runs `work` on the loop's thread, in the order of the calls of one thread. False when the loop has ended: then it is not run.
    bool post(std::function<void()> work) const;

private:
    friend class loop;
    struct mailbox;
    explicit remote(std::shared_ptr<mailbox> box) : box_(std::move(box)) {}

    std::shared_ptr<mailbox> box_;
};

class loop {
public:
    explicit loop(std::unique_ptr<backend> world);
    loop(const loop&) = delete;
    loop& operator=(const loop&) = delete;
    ~loop();

    // The loop that runs on this thread now. Outside of one it is a WEIR_CHECK.
    static loop& current();

    // Runs the task, and what it started, until it ends; gives what it gave, or throws what it threw.
    template <class T>
    T run(task<T> main) {
        child first;
        first.begin(main, *this);
        run_until(first);
        return main.take();
    }

    // For a foreign loop. One turn: waits for something to do until `until` at most, and does it.
    void run_once(deadline until);

    // Cancels what run() runs.
    void cancel() noexcept;

    time_point now() const noexcept { return now_; }
    void make_ready(ready_item& item) noexcept { ready_.push(item); }
    timer_heap& timers() noexcept { return timers_; }
    backend& world() noexcept { return *world_; }
    remote from_elsewhere() const { return remote(box_); }

private:
    void run_until(child& first);
    void turn(deadline until);
    void take_mail();

    std::unique_ptr<backend> world_;
    time_point now_;
    ready_list ready_;
    timer_heap timers_;
    child* running_ = nullptr;
    std::shared_ptr<remote::mailbox> box_;
};

// The machine's own world: real clock, real sockets.
std::unique_ptr<backend> real_world();

// Runs the task on a new loop of this thread.
template <class T>
T run(task<T> main) {
    loop here(real_world());
    return here.run(std::move(main));
}

}  // namespace weir
