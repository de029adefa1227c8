// Marks an operation that a user has submitted and that has not completed. The simulation counts them, so that the
// report of a deadlock lists what the program waits for. Private.
#pragma once

#include <cstddef>

namespace weir::sim::internal {

// Adds one to `count` while it is active. Thread safety: one thread.
class pending_operation {
public:
    explicit pending_operation(std::size_t& count) noexcept : count_(count) {}
    pending_operation(const pending_operation&) = delete;
    pending_operation& operator=(const pending_operation&) = delete;
    ~pending_operation() { end(); }

    explicit operator bool() const noexcept { return is_active_; }
    void begin() noexcept {
        if (!is_active_) ++count_;
        is_active_ = true;
    }
    void end() noexcept {
        if (is_active_) --count_;
        is_active_ = false;
    }

private:
    std::size_t& count_;
    bool is_active_ = false;
};

// The open descriptors, and the pending operations by kind.
struct operation_counts {
    std::size_t descriptors = 0;
    std::size_t receives = 0;
    std::size_t sends = 0;
    std::size_t accepts = 0;
    std::size_t attempts = 0;
    std::size_t datagrams = 0;
};

}  // namespace weir::sim::internal
