#include "weir/loop/helper_threads.h"

#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>
#include <new>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "weir/socket/system_error.h"

namespace weir {

// What the threads share with their owner, and keep when it is gone.
struct helper_threads::crew {
    struct job {
        std::function<void()> work;
        at_loop_end then;
    };
    struct helper {
        std::thread thread;
        at_loop_end works_at = at_loop_end::finish;  // what becomes of the job that it has now
    };

    static void work_on(const std::shared_ptr<crew>& all, helper& mine);
    result<void> start_one(const std::shared_ptr<crew>& self);

    std::mutex lock;
    std::condition_variable changed;
    std::deque<job> waiting;
    std::list<helper> helpers;
    std::size_t idle = 0;
    bool is_ending = false;
};

helper_threads::helper_threads() : crew_(std::make_shared<crew>()) {}

helper_threads::~helper_threads() {
    std::deque<crew::job> dropped;
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
    std::optional<crew::job> refused;  // destroyed without the lock
    const std::scoped_lock locked(crew_->lock);
    try {
        crew_->waiting.push_back({std::move(work), then});
    } catch (const std::bad_alloc&) {
        return error(errc::no_memory, "offload");
    }
    if (crew_->idle >= crew_->waiting.size() || crew_->helpers.size() == most_threads) {
        crew_->changed.notify_one();
        return {};
    }
    auto started = crew_->start_one(crew_);
    if (started) return {};
    if (!crew_->helpers.empty()) {  // one of them does it later
        crew_->changed.notify_one();
        return {};
    }
    refused = std::move(crew_->waiting.back());
    crew_->waiting.pop_back();
    return started;
}

// With the lock.
result<void> helper_threads::crew::start_one(const std::shared_ptr<crew>& self) {
    const std::size_t before = helpers.size();
    try {
        helper& made = helpers.emplace_back();
        made.thread = std::thread([self, &made] { work_on(self, made); });
        return {};
    } catch (const std::system_error& why) {
        helpers.resize(before);
        const int number = why.code().value();
        return error(
            errc::system, "offload", {},
            describe_errno(number) + ": no thread can be started, see RLIMIT_NPROC of getrlimit(2) and pids.max",
            number);
    } catch (const std::bad_alloc&) {
        helpers.resize(before);
        return error(errc::no_memory, "offload");
    }
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
        }  // what it captured is destroyed here: that may take long, or offload more
        locked.lock();
        mine.works_at = at_loop_end::finish;
    }
}

}  // namespace weir
