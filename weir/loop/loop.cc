#include "weir/loop/loop.h"

#include <malloc.h>

#include <atomic>
#include <list>
#include <mutex>
#include <new>

namespace weir {
namespace {

constinit thread_local loop* running_here = nullptr;

// Returns the number of this thread, which is at least 1. No other thread of the process ever gets the same number,
// even after this one has ended.
std::uint64_t thread_number() noexcept {
    constinit static std::atomic<std::uint64_t> threads = 0;
    constinit static thread_local std::uint64_t mine = 0;
    if (mine == 0) mine = threads.fetch_add(1) + 1;
    return mine;
}

// Runs the items that are listed now. When one throws, the others stay listed.
void run_all(internal::ready_list& listed) {
    struct taken {
        explicit taken(internal::ready_list& of) : from(of) { items.append(from); }
        ~taken() {
            items.append(from);
            from.append(items);
        }
        internal::ready_list& from;
        internal::ready_list items;
    } now(listed);
    while (internal::ready_item* const item = now.items.pop()) item->run();
}

}  // namespace

loop::entered::entered(loop& here) noexcept : before_(std::exchange(running_here, &here)) {}
loop::entered::~entered() { running_here = before_; }

struct remote::mailbox {
    std::mutex lock;
    std::list<std::function<void()>> mail;
    backend* platform = nullptr;  // null when the loop has ended
};

bool remote::post(std::function<void()> work) const { return post(prepare(std::move(work))); }

bool remote::post(prepared work) const noexcept {
    const std::scoped_lock locked(box_->lock);
    if (box_->platform == nullptr) return false;
    const bool was_empty = box_->mail.empty();
    box_->mail.splice(box_->mail.end(), work.work_);
    if (was_empty) box_->platform->wake();
    return true;
}

loop::loop(std::unique_ptr<weir::backend> platform)
    : backend_(std::move(platform)), now_(backend_->now()), box_(std::make_shared<remote::mailbox>()) {
    box_->platform = backend_.get();
}

loop::~loop() {
    WEIR_CHECK(thread_ == 0 || thread_ == thread_number(), "a loop must be destroyed on the thread that ran it");
    {
        const entered here(*this);
        while (internal::ready_item* const item = closing_.pop()) item->run();
        WEIR_CHECK(
            dependents_ == 0,
            "a loop was destroyed before one of its channels, datagram channels or servers: destroy those first");
        parts_.clear();
    }
    std::list<std::function<void()>>
        unread;  // destroyed without the lock, because captures may post in their destructors
    const std::scoped_lock locked(box_->lock);
    box_->platform = nullptr;
    unread.swap(box_->mail);
}

loop& loop::current(std::source_location where) {
    WEIR_CHECK(running_here != nullptr, "no loop runs on this thread: weir::run() starts one", where);
    return *running_here;
}

loop* loop::running() noexcept { return running_here; }

void loop::cancel() noexcept {
    if (running_ != nullptr) running_->cancel_main();
}

void loop::claim_thread() {
    if (thread_ == 0) thread_ = thread_number();
    WEIR_CHECK(thread_ == thread_number(), "a loop is run on two threads: each thread needs a loop of its own");
}

void loop::run_once(deadline until) {
    claim_thread();
    const entered here(*this);
    turn(until);
    backend_->submit();  // another event loop may now poll for their completions
}

void loop::run_until(internal::loop_main& main) {
    claim_thread();
    const entered here(*this);
    const struct is_run {
        is_run(internal::loop_main*& mark, internal::loop_main& now) noexcept
            : running(mark), before(std::exchange(mark, &now)) {}
        ~is_run() { running = before; }
        internal::loop_main*& running;
        internal::loop_main* before;
    } while_it_exists(running_, main);
    while (!main.is_over()) turn(deadline::never());
}

std::exception_ptr loop::finish_closing() noexcept {
    const entered here(*this);
    std::exception_ptr thrown;
    for (;;) {
        try {
            end_turn();  // the last closing connection may end here
            if (closing_.empty()) break;
            turn(deadline::never());
        } catch (...) {
            if (!thrown) thrown = std::current_exception();
        }
    }
    backend_->submit();  // the program may not run the loop again for a long time
    return thrown;
}

void loop::turn(deadline until) {
    struct inside {
        explicit inside(bool& mark) : is_inside(mark) {
            WEIR_CHECK(!is_inside, "a loop is run from inside itself: await the task instead");
            is_inside = true;
        }
        ~inside() { is_inside = false; }
        bool& is_inside;
    } const here(turns_now_);
    end_turn();  // items that were listed between two turns
    const deadline first = std::min(until, due());
    const time_point before = now_;
    waits_ = true;
    const bool all = backend_->wait(first);
    now_ = backend_->now();
    waits_ = false;
    if (all || ++turns_behind_ > most_turns_behind + dependents_) {
        delivered_until_ = before;
        turns_behind_ = 0;
    }
    ++turns_;
    take_mail();
    timers_.expire(now_);
    // Items that become ready meanwhile wait for the next turn, so that the backend delivers events in between.
    run_all(ready_);
    end_turn();
    if ((budget().waiting() != 0 || budget().has_fallen()) && !budget_clock_.is_set()) schedule_budget_check();
}

void loop::schedule_budget_check() noexcept {
    try {
        timers_.set(budget_clock_, now_ + internal::byte_budget::check_interval);
    } catch (const std::bad_alloc&) {
        return;  // the next turn tries again
    }
}

void loop::budget_clock::expire() {
    internal::byte_budget& budget = here.budget();
    budget.check(here.now());
    if (!budget.has_fallen()) return;
    budget.forget_peak();
    here.spares().drop();
    ::malloc_trim(0);  // glibc keeps free memory between small pieces that are still used
}

void loop::end_turn() { run_all(ends_turn_); }

// When a function throws, the functions after it are put back, before any that were posted meanwhile.
void loop::take_mail() {
    struct taken {
        explicit taken(remote::mailbox& of) : box(of) {
            const std::scoped_lock locked(box.lock);
            mail.swap(box.mail);
        }
        ~taken() {
            if (mail.empty()) return;
            const std::scoped_lock locked(box.lock);
            box.mail.splice(box.mail.begin(), mail);
            box.platform->wake();
        }
        remote::mailbox& box;
        std::list<std::function<void()>> mail;
    } now(*box_);
    while (!now.mail.empty()) {
        const auto work = std::move(now.mail.front());
        now.mail.pop_front();
        work();
    }
}

}  // namespace weir
