// The event loop. It repeats turns. In each turn the backend waits and delivers what has arrived; then posted work
// runs, timers expire, and ready items run. At the end of the turn, output is sent. A loop belongs to the first thread
// that runs it. Everything that belongs to a loop is used on that thread alone, except `remote`. The loop must also be
// destroyed on that thread, but may be made on another one. A thread runs one loop at a time.
//
//     int main() { return weir::run(main_task()); }
//
// Time does not pass during a turn: now() is the time at which the wait of the turn ended.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <source_location>
#include <utility>
#include <vector>

#include "weir/base/time.h"
#include "weir/loop/backend.h"
#include "weir/loop/internal/ready_list.h"
#include "weir/loop/timer.h"

namespace [[gnu::visibility("default")]] weir {

// Posts work from other threads to a loop. It is cheap to copy, and remains valid after the loop has ended. Thread
// safety: any thread.
class remote {
public:
    // Runs `work` on the loop's thread. Work that one thread posts runs in the order of the calls. Returns false when
    // the loop has ended; `work` is then not run. An exception of `work` is thrown by run() or run_once(); work that
    // was posted after it runs in the next turn.
    bool post(std::function<void()> work) const;

    // A post whose memory is allocated already, so that posting it cannot throw.
    class prepared {
    public:
        prepared() = default;

    private:
        friend class remote;
        std::list<std::function<void()>> work_;
    };
    // Allocates the memory that a post needs. Throws std::bad_alloc.
    static prepared prepare(std::function<void()> work) {
        prepared made;
        made.work_.push_back(std::move(work));
        return made;
    }
    // Posts the work as the other post() does.
    bool post(prepared work) const noexcept;

private:
    friend class loop;
    struct mailbox;
    explicit remote(std::shared_ptr<mailbox> box) : box_(std::move(box)) {}

    std::shared_ptr<mailbox> box_;
};

// An object that a layer above has for each loop, for example the pool of the channels. It is destroyed with the loop,
// before the backend.
class loop_part {
public:
    loop_part() = default;
    loop_part(const loop_part&) = delete;
    loop_part& operator=(const loop_part&) = delete;
    virtual ~loop_part() = default;
};

namespace internal {

// What loop::run() runs.
class loop_main {
public:
    virtual bool is_over() const noexcept = 0;
    virtual void cancel_main() noexcept = 0;

protected:
    ~loop_main() = default;
};

}  // namespace internal

// An event loop. Thread safety: the thread that runs it; other threads post work through `remote`.
class loop {
public:
    // Owns the backend, which is destroyed last.
    explicit loop(std::unique_ptr<weir::backend> platform);
    loop(const loop&) = delete;
    loop& operator=(const loop&) = delete;
    ~loop();

    // Returns the loop that runs on this thread now. If no loop runs on it, the call fails a WEIR_CHECK.
    static loop& current(std::source_location where = std::source_location::current());
    // The same, but returns null if no loop runs on this thread.
    static loop* running() noexcept;

    // Runs `main`, a task (coroutine/run.h), and everything that it starts. Waits until the task has ended, and then
    // until all connections that are still closing have ended. Returns the value of the task or throws its exception.
    // An exception of a posted function is thrown too; the task is then destroyed at its suspension point.
    template <class Main>
    auto run(Main main) {
        return run_on(*this, std::move(main));
    }

    // Runs one turn: waits for something to do, but not longer than `until`, and does it. Like run(), it must not be
    // called inside a turn of the same loop.
    void run_once(deadline until);

    // run_on() calls the next two functions. run_until() runs turns until its task has ended; it throws an exception of
    // a posted function. finish_closing() runs turns until no connection is closing any more; it returns the first
    // exception of a posted function.
    void run_until(internal::loop_main& main);
    std::exception_ptr finish_closing() noexcept;

    // Cancels the task that run() runs.
    void cancel() noexcept;

    // For a program whose own event loop drives this one. due() returns the time at which run_once() has something to
    // do even if nothing arrives; time_point::min() means now. poll_fd() returns a descriptor that is readable when
    // something has arrived; -1 when there is none.
    deadline due() const noexcept { return ready_.empty() ? timers_.next() : deadline(time_point::min()); }
    int poll_fd() const noexcept { return backend_->poll_fd(); }

    // Returns the time at which the wait of this turn ended. During the wait it is the current time.
    time_point now() noexcept {
        if (std::exchange(waits_, false)) now_ = backend_->now();
        return now_;
    }
    // Everything that happened before this time has been delivered. Time limits on data that did not arrive are
    // compared with this time instead of now(). This is because a program that was stopped or is overloaded may be late
    // itself. A turn delivers to at least one connection, so the loop is behind for at most most_turns_behind turns,
    // plus one turn for each connection. To check again in the next turn, set a timer for now().
    time_point delivered_until() const noexcept { return delivered_until_; }
    static constexpr std::size_t most_turns_behind = 1000;
    // Returns true when this turn did not deliver everything that has happened: some connections wait for the next
    // turn.
    bool is_behind() const noexcept { return turns_behind_ != 0; }
    // Returns the number of turns so far.
    std::uint64_t turns() const noexcept { return turns_; }
    void make_ready(internal::ready_item& item) noexcept { ready_.push(item); }
    // Runs the item when everything that is ready in this turn has run. Connections then send what the turn queued.
    void at_turn_end(internal::ready_item& item) noexcept { ends_turn_.push(item); }
    // Adds a connection that closes by itself in a bounded time. loop::run() waits for its end. The connection removes
    // itself from the list. If the loop is destroyed first, the loop calls item.run(), which must end the connection at
    // once.
    void add_closing(internal::ready_item& item) noexcept { closing_.push(item); }
    // The timers of the loop.
    timer_heap& timers() noexcept { return timers_; }
    // The memory budget of the loop's connections.
    internal::byte_budget& budget() noexcept { return backend_->memory().budget(); }
    const internal::byte_budget& budget() const noexcept { return backend_->memory().budget(); }
    // The backend of the loop.
    weir::backend& backend() noexcept { return *backend_; }
    // The memory of the loop's connections.
    loop_memory& memory() noexcept { return backend_->memory(); }
    // Returns an object with which any thread can post work to this loop.
    remote from_elsewhere() const { return remote(box_); }

    // An object that must be destroyed before its loop. The loop checks this when it is destroyed.
    class dependent {
    public:
        // Counts itself as a dependent of the loop.
        explicit dependent(loop& here) noexcept : here_(here) { ++here_.dependents_; }
        dependent(const dependent&) = delete;
        dependent& operator=(const dependent&) = delete;
        ~dependent() { --here_.dependents_; }

        // The loop.
        loop* operator->() const noexcept { return &here_; }
        loop& operator*() const noexcept { return here_; }

    private:
        loop& here_;
    };

    // While this object exists, its loop is the running loop of the thread.
    class entered {
    public:
        // Enters the loop. The destructor makes the previous loop the running one again.
        explicit entered(loop& here) noexcept;
        entered(const entered&) = delete;
        entered& operator=(const entered&) = delete;
        ~entered();

    private:
        loop* before_;
    };

    // Returns the Part of this loop. The first call makes it with Part(loop&), and may throw std::bad_alloc.
    template <class Part>
    Part& part() {
        for (const auto& [key, one] : parts_) {
            if (key == &part_key<Part>) return static_cast<Part&>(*one);
        }
        parts_.emplace_back(&part_key<Part>, std::make_unique<Part>(*this));
        return static_cast<Part&>(*parts_.back().second);
    }

    // Buffers that connections have emptied. The connections use them again to send and to collect partial messages.
    internal::spare_buffers& spares() noexcept { return backend_->memory().spares(); }

private:
    // The address of this variable identifies the type.
    template <class Part>
    static inline char part_key = 0;
    // Checks the budget while a connection waits for room in it, and returns memory to the system after a peak.
    struct budget_clock final : timer {
        explicit budget_clock(loop& of) noexcept : here(of) {}
        void expire() override;
        loop& here;
    };

    void claim_thread();
    void schedule_budget_check() noexcept;
    void turn(deadline until);
    void take_mail();
    void end_turn();

    std::unique_ptr<weir::backend> backend_;
    time_point now_;
    bool waits_ = false;  // true during a wait, when now_ is outdated
    time_point delivered_until_ = time_point::min();
    std::size_t turns_behind_ = 0;  // turns in a row that did not deliver everything
    bool turns_now_ = false;
    std::uint64_t turns_ = 0;
    std::uint64_t thread_ = 0;  // the number of the thread that runs the loop; 0 before the first turn
    internal::ready_list ready_;
    internal::ready_list ends_turn_;
    timer_heap timers_;
    budget_clock budget_clock_{*this};
    internal::ready_list closing_;
    internal::loop_main* running_ = nullptr;
    std::size_t dependents_ = 0;
    std::shared_ptr<remote::mailbox> box_;
    std::vector<std::pair<const char*, std::unique_ptr<loop_part>>> parts_;  // few; part() searches all of them
};

}  // namespace weir
