// A value that one thread passes to another, once. It replaces std::promise, which allocates when it is destroyed
// without a value, and ends the process when there is no memory. Private.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

namespace weir::internal {

// Both threads own it. Thread safety: any thread.
template <class T>
class one_shot_value {
public:
    void give(T value) {
        const std::scoped_lock locked(lock_);
        value_.emplace(std::move(value));
        given_.notify_one();
    }
    // Waits for the value and returns it.
    T take() {
        std::unique_lock locked(lock_);
        given_.wait(locked, [this] { return value_.has_value(); });
        return std::move(*value_);
    }

private:
    std::mutex lock_;
    std::condition_variable given_;
    std::optional<T> value_;
};

}  // namespace weir::internal
