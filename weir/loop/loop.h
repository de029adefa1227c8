// The loop. It repeats turns: the backend waits and delivers what has arrived, posted work runs, timers expire, ready
// items run, and at the end of the turn output is sent. A thread runs one loop at a time, and everything that belongs
// to a loop is used on that thread alone, except `remote`. It is the first thread that runs the loop; the same thread
// destroys it. Another thread may have made it.
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

// Posts work from other threads to a loop. Cheap to copy, and always valid, even after the loop has ended.
// Thread safety: any thread.
class remote {
public:
    // Runs `work` on the loop's thread, in the order of the calls of one thread. Returns false when the loop has ended;
    // `work` is then not run. An exception of `work` leaves run() or run_once(); work posted after it runs in the next
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
    // Allocates what a post needs. Throws std::bad_alloc.
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

// What a layer above keeps for each loop, for example the pool of the channels. Destroyed with the loop, before its
// backend.
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

class loop {
public:
    // Owns the backend, which is destroyed last.
    explicit loop(std::unique_ptr<weir::backend> platform);
    loop(const loop&) = delete;
    loop& operator=(const loop&) = delete;
    ~loop();

    // Returns the loop that runs on this thread now. Outside a loop it is a WEIR_CHECK.
    static loop& current(std::source_location where = std::source_location::current());
    // The same; null outside a loop.
    static loop* running() noexcept;

    // Runs `main`, a task (coroutine/run.h), and what it started. Returns when it and the connections that it left
    // closing have ended, with its value or its exception. An exception of a posted function is thrown too; then the
    // task is destroyed where it waits.
    template <class Main>
    auto run(Main main) {
        return run_on(*this, std::move(main));
    }

    // Runs one turn: waits for something to do until `until` at most, and does it. Like run(), it must not be called
    // inside a turn of the same loop.
    void run_once(deadline until);

    // For run_on(): runs turns until `main` is over, and then until no connection closes any more. An exception of a
    // posted function leaves run_until(); finish_closing() returns the first one.
    void run_until(internal::loop_main& main);
    std::exception_ptr finish_closing() noexcept;

    // Cancels what run() runs.
    void cancel() noexcept;

    // For a foreign loop: the time at which run_once() has something to do even if nothing arrives
    // (time_point::min(): now), and a descriptor that is readable when something has arrived; -1 when there is none.
    deadline due() const noexcept { return ready_.empty() ? timers_.next() : deadline(time_point::min()); }
    int poll_fd() const noexcept { return backend_->poll_fd(); }

    // When the wait of this turn ended. During the wait it is the current time.
    time_point now() noexcept {
        if (std::exchange(waits_, false)) now_ = backend_->now();
        return now_;
    }
    // Everything that happened before this time has been delivered. Limits on what did not arrive are compared with
    // this time instead of now(), because a program that was stopped or is overloaded may be late itself. A turn
    // delivers to one connection at least, so the loop is behind for at most most_turns_behind turns and one more for
    // each connection. A timer that is set for now() expires in the next turn, to check again.
    time_point delivered_until() const noexcept { return delivered_until_; }
    static constexpr std::size_t most_turns_behind = 1000;
    // True when this turn did not deliver everything that has happened: some connections wait for the next turn.
    bool is_behind() const noexcept { return turns_behind_ != 0; }
    // The number of turns so far.
    std::uint64_t turns() const noexcept { return turns_; }
    void make_ready(internal::ready_item& item) noexcept { ready_.push(item); }
    // Runs the item when everything that is ready in this turn has run. Connections then send what the turn queued.
    void at_turn_end(internal::ready_item& item) noexcept { ends_turn_.push(item); }
    // Adds a connection that closes by itself in a bounded time: run() returns after its end. It takes itself out of
    // the list. When the loop is destroyed before that, its run() must end it at once.
    void add_closing(internal::ready_item& item) noexcept { closing_.push(item); }
    timer_heap& timers() noexcept { return timers_; }
    // The budget of its connections.
    internal::byte_budget& budget() noexcept { return backend_->memory().budget(); }
    const internal::byte_budget& budget() const noexcept { return backend_->memory().budget(); }
    weir::backend& backend() noexcept { return *backend_; }
    // The memory of its connections.
    loop_memory& memory() noexcept { return backend_->memory(); }
    remote from_elsewhere() const { return remote(box_); }

    // Something that must be destroyed before its loop. The loop checks that when it is destroyed.
    class dependent {
    public:
        // Counts itself among those of the loop.
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

    // While it exists, the thread runs this loop.
    class entered {
    public:
        // Enters it; the loop that the thread ran before is current again at the end.
        explicit entered(loop& here) noexcept;
        entered(const entered&) = delete;
        entered& operator=(const entered&) = delete;
        ~entered();

    private:
        loop* before_;
    };

    // Returns the loop's own Part, made by Part(loop&) in the first call. Throws std::bad_alloc.
    template <class Part>
    Part& part() {
        for (const auto& [key, one] : parts_) {
            if (key == &part_key<Part>) return static_cast<Part&>(*one);
        }
        parts_.emplace_back(&part_key<Part>, std::make_unique<Part>(*this));
        return static_cast<Part&>(*parts_.back().second);
    }

    // Buffers that its connections have emptied: they send from them, and collect partial messages in them.
    internal::spare_buffers& spares() noexcept { return backend_->memory().spares(); }

private:
    // Its address identifies the type.
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
    bool waits_ = false;  // and now_ is outdated
    time_point delivered_until_ = time_point::min();
    std::size_t turns_behind_ = 0;  // in a row that did not deliver everything
    bool turns_now_ = false;
    std::uint64_t turns_ = 0;
    std::uint64_t thread_ = 0;  // the number of the thread that runs it; 0 before
    internal::ready_list ready_;
    internal::ready_list ends_turn_;
    timer_heap timers_;
    budget_clock budget_clock_{*this};
    internal::ready_list closing_;
    internal::loop_main* running_ = nullptr;
    std::size_t dependents_ = 0;
    std::shared_ptr<remote::mailbox> box_;
    std::vector<std::pair<const char*, std::unique_ptr<loop_part>>> parts_;  // few
};

}  // namespace weir
