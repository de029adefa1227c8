#include "weir/loop/helper_threads.h"

#include <utility>

namespace weir {

helper_threads::~helper_threads() {
    std::deque<std::function<void()>> dropped;
    {
        const std::scoped_lock locked(lock_);
        ending_ = true;
        dropped.swap(waiting_);
    }
    changed_.notify_all();
    for (auto& one : threads_) one.join();
}

void helper_threads::run(std::function<void()> work) {
    const std::scoped_lock locked(lock_);
    waiting_.push_back(std::move(work));
    if (idle_ >= waiting_.size() || threads_.size() == most_threads) {
        changed_.notify_one();
    } else {
        threads_.emplace_back([this] { work_on(); });
    }
}

void helper_threads::work_on() {
    std::unique_lock locked(lock_);
    for (;;) {
        ++idle_;
        changed_.wait(locked, [&] { return ending_ || !waiting_.empty(); });
        --idle_;
        if (ending_) return;
        const std::function<void()> work = std::move(waiting_.front());
        waiting_.pop_front();
        locked.unlock();
        work();
        locked.lock();
    }
}

}  // namespace weir
