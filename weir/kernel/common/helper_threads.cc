#include "weir/kernel/common/helper_threads.h"

#include <cerrno>
#include <condition_variable>
#include <iterator>
#include <list>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <utility>

#include "weir/socket/internal/system_error.h"

namespace weir::internal {

// The state that the threads share with their owner. It exists until the last thread has ended.
struct helper_threads::crew {
    struct job {
        std::function<void()> work;
        at_loop_end then;
    };
    struct helper {
        std::thread thread;
        at_loop_end works_at = at_loop_end::finish;  // of its current job
    };

    static void work_on(const std::shared_ptr<crew>& all, helper& mine);
    // Returns 0, or an errno value when no thread can be started.
    int start_one(const std::shared_ptr<crew>& self) noexcept;

    std::mutex lock;
    std::condition_variable changed;
    std::list<job> waiting;
    std::list<helper> helpers;
    std::size_t idle = 0;
    bool is_ending = false;
};

helper_threads::helper_threads() : crew_(std::make_shared<crew>()) {}

helper_threads::~helper_threads() {
    std::list<crew::job> dropped;
    {
        const std::scoped_lock locked(crew_->lock);
        crew_->is_ending = true;
        dropped.swap(crew_->waiting);
        for (auto& one : crew_->helpers) {
            if (one.works_at == at_loop_end::leave_behind) one.thread.detach();
        }
    }
    crew_->changed.notify_all();
    for (auto& one : crew_->helpers) {
        if (one.thread.joinable()) one.thread.join();
    }
}

result<void> helper_threads::run(std::function<void()> work, at_loop_end then) {
    std::list<crew::job> one;  // refused work is destroyed without the lock
    try {
        one.push_back({std::move(work), then});
    } catch (const std::bad_alloc&) {
        return error(errc::no_memory, "offload");
    }
    int number = 0;
    {
        const std::scoped_lock locked(crew_->lock);
        crew_->waiting.splice(crew_->waiting.end(), one);
        const bool is_enough = crew_->idle >= crew_->waiting.size() || crew_->helpers.size() == most_threads;
        if (!is_enough) number = crew_->start_one(crew_);
        if (number == 0 || !crew_->helpers.empty()) {  // an existing thread runs it later
            crew_->changed.notify_one();
            return {};
        }
        one.splice(one.begin(), crew_->waiting, std::prev(crew_->waiting.end()));
    }
    if (number == ENOMEM) return error(errc::no_memory, "offload");
    return error(
        errc::system, "offload", {},
        internal::describe_errno(number) + ": no thread can be started, see RLIMIT_NPROC of getrlimit(2) and pids.max",
        number);
}

// The caller must hold the lock.
int helper_threads::crew::start_one(const std::shared_ptr<crew>& self) noexcept {
    const std::size_t before = helpers.size();
    int number = 0;
    try {
        helper& made = helpers.emplace_back();
        made.thread = std::thread([self, &made] { work_on(self, made); });
    } catch (const std::system_error& why) {
        number = why.code().value();
    } catch (const std::bad_alloc&) {
        number = ENOMEM;
    }
    if (number != 0 && helpers.size() != before) helpers.pop_back();
    return number;
}

void helper_threads::crew::work_on(const std::shared_ptr<crew>& all, helper& mine) {
    std::unique_lock locked(all->lock);
    for (;;) {
        ++all->idle;
        all->changed.wait(locked, [&] { return all->is_ending || !all->waiting.empty(); });
        --all->idle;
        if (all->is_ending) return;
        {
            const job mine_now = std::move(all->waiting.front());
            all->waiting.pop_front();
            mine.works_at = mine_now.then;
            locked.unlock();
            mine_now.work();
        }  // its captures are destroyed here: that may take long, or offload more work
        locked.lock();
        mine.works_at = at_loop_end::finish;
    }
}

}  // namespace weir::internal
