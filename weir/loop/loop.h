// The loop: runs what is ready, waits for the world, expires timers, and again. One a thread; whatever belongs to it is
// used on that thread alone, but for `remote`. That thread is the first one that runs the loop; it also destroys it.
// Another thread may have made it.
//
//     int main() { return weir::run(main_task()); }
//
// Time stands still during a turn: now() is when the turn began.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <vector>

#include "weir/base/time.h"
#include "weir/loop/backend.h"
#include "weir/loop/byte_budget.h"
#include "weir/loop/child.h"
#include "weir/loop/ready_list.h"
#include "weir/loop/spare_buffers.h"
#include "weir/loop/task.h"
#include "weir/loop/timer.h"

namespace [[gnu::visibility("default")]] weir {

// From other threads into a loop. Cheap to copy; good for ever, also when the loop has ended.
// Thread safety: any thread.
class remote {
public:
    // Runs `work` on the loop's thread, in the order of the calls of one thread. False when the loop has ended: then it
    // is not run. What `work` throws comes out of run() or run_once(); what was posted behind it is run in the next
    // turn.
    bool post(std::function<void()> work) const;

    // A post that has all its memory: posting it cannot fail.
    class prepared {
    public:
        prepared() = default;

    private:
        friend class remote;
        std::list<std::function<void()>> work_;
    };
    static prepared prepare(std::function<void()> work) {
        prepared made;
        made.work_.push_back(std::move(work));
        return made;
    }
    // As post().
    bool post(prepared work) const noexcept;

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
    // The same, or null outside of one.
    static loop* running() noexcept;

    // Runs the task, and what it started, until it ends, and what departs() has ended; gives what it gave, or throws
    // what it threw. What a posted function throws is thrown, too; the task is destroyed where it waits then.
    template <class T>
    T run(task<T> main) {
        child first;
        std::optional<task<T>> running(std::move(main));
        first.begin(*running, *this);
        const cleanup after{*this, first, running};
        run_until(first);
        return running->take();
    }

    // One turn: waits for something to do until `until` at most, and does it. As run(), not from inside a turn of the
    // same loop.
    void run_once(deadline until);

    // Cancels what run() runs.
    void cancel() noexcept;

    // For a foreign loop: when run_once() has something to do without the world (time_point::min(): now), and a
    // descriptor that is readable when the world has something to tell; -1 when there is none.
    deadline due() const noexcept { return ready_.empty() ? timers_.next() : deadline(time_point::min()); }
    int poll_fd() const noexcept { return world_->poll_fd(); }

    // When this turn began; what is told while it waits comes later than that.
    time_point now() const noexcept {
        if (std::exchange(waits_, false)) now_ = world_->now();
        return now_;
    }
    // Everything that happened before this time has been delivered. A limit on what did not come is compared with this
    // instead of now(): a program that was stopped, or has more to do than it can, may be late itself. A turn delivers
    // to one connection at least, so it is behind for most_turns_behind turns and one for each connection at most; a
    // timer that is set for now() asks again.
    time_point told_until() const noexcept { return told_until_; }
    static constexpr std::size_t most_turns_behind = 1000;
    // This turn did not deliver everything that has happened: connections wait for the next one.
    bool is_behind() const noexcept { return turns_behind_ != 0; }
    // How many turns there were.
    std::uint64_t turns() const noexcept { return turns_; }
    void make_ready(ready_item& item) noexcept { ready_.push(item); }
    // Runs it when everything that is ready in this turn has run: what a turn gathered leaves then.
    void at_turn_end(ready_item& item) noexcept { ends_turn_.push(item); }
    // Something that goes on by itself and for a bounded time: run() returns after its end. It takes itself out of the
    // list; when the loop is destroyed before, its run() must end it at once.
    void departs(ready_item& item) noexcept { departing_.push(item); }
    timer_heap& timers() noexcept { return timers_; }
    byte_budget& budget() noexcept { return budget_; }
    const byte_budget& budget() const noexcept { return budget_; }
    backend& world() noexcept { return *world_; }
    remote from_elsewhere() const { return remote(box_); }

    // What has to be gone before its loop, which checks it when it is destroyed.
    class dependent {
    public:
        explicit dependent(loop& here) noexcept : here_(here) { ++here_.dependents_; }
        dependent(const dependent&) = delete;
        dependent& operator=(const dependent&) = delete;
        ~dependent() { --here_.dependents_; }

        loop* operator->() const noexcept { return &here_; }
        loop& operator*() const noexcept { return here_; }

    private:
        loop& here_;
    };

    // While it lives, the thread runs this loop.
    class entered {
    public:
        explicit entered(loop& here) noexcept;
        entered(const entered&) = delete;
        entered& operator=(const entered&) = delete;
        ~entered();

    private:
        loop* before_;
    };

    // What its connections send from, and collect torn messages in, when it is theirs no more.
    spare_buffers& spares() noexcept { return spares_; }

private:
    // A task's arguments live until its frame is destroyed; what they begin at their end is waited for.
    template <class T>
    struct cleanup {
        loop& here;
        child& first;
        std::optional<task<T>>& main;
        int exceptions = std::uncaught_exceptions();
        ~cleanup() noexcept(false) {
            {
                const entered again(here);
                main.reset();
                first.forget();
            }
            const std::exception_ptr thrown = here.let_depart();
            if (thrown && std::uncaught_exceptions() == exceptions) std::rethrow_exception(thrown);
        }
    };

    // Looks at the budget while somebody waits for room in it, and gives memory back after a peak.
    struct budget_clock final : timer {
        explicit budget_clock(loop& of) noexcept : here(of) {}
        void expire() override;
        loop& here;
    };

    void claim_thread();
    void look_at_budget_soon() noexcept;
    void run_until(child& first);
    // Gives what a posted function threw first.
    std::exception_ptr let_depart() noexcept;
    void turn(deadline until);
    void take_mail();
    void end_turn();

    std::unique_ptr<backend> world_;
    mutable time_point now_;
    mutable bool waits_ = false;  // and now_ is of before
    time_point told_until_ = time_point::min();
    std::size_t turns_behind_ = 0;  // in a row that did not tell everything
    bool turns_now_ = false;
    std::uint64_t turns_ = 0;
    std::uint64_t thread_ = 0;  // the number of the one that runs it; 0 until then
    ready_list ready_;
    ready_list ends_turn_;
    timer_heap timers_;
    byte_budget budget_;
    budget_clock budget_clock_{*this};
    ready_list departing_;
    spare_buffers spares_{budget_};
    child* running_ = nullptr;
    std::size_t dependents_ = 0;
    std::shared_ptr<remote::mailbox> box_;
};

// The machine's own world: real clock, real sockets. It never fails: where io_uring is refused it stands on epoll.
// Where that cannot be opened either (no descriptors are left, a filter refuses it), tasks run, sleep and offload work,
// and every socket is refused with the error of open_world(). remark() says why.
std::unique_ptr<backend> real_world();
// The same on the backend that is named; automatic: on epoll where io_uring is refused. Each system call and each
// io_uring operation that a loop needs is tried here once. Errors: no_descriptors (io_uring takes four while it opens
// and keeps three, epoll two), no_memory, errc::not_permitted (a seccomp filter, the sysctl kernel.io_uring_disabled),
// and of io_uring errc::unsupported (a kernel before Linux 6.1; a build without liburing).
result<std::unique_ptr<backend>> open_world(backend_kind which);

// Runs the task on a new loop of this thread.
template <class T>
T run(task<T> main) {
    loop here(real_world());
    return here.run(std::move(main));
}

}  // namespace weir
