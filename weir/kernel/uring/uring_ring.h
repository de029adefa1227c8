// One io_uring(7). Its requests are submitted with one system call per turn. Each completion is delivered to the item
// that made the request. Private.
#pragma once

#include <liburing.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "weir/base/result.h"
#include "weir/base/time.h"

namespace weir::internal {

// The source of requests. It must exist until all its requests have completed.
class uring_item {
public:
    // The number of an operation of an item: 0 to 7.
    using operation = unsigned;
    static constexpr operation most_operations = 8;

    // Called when a request has completed. `how` is the result of the system call, or a negative errno value; `flags`
    // are those of io_uring_cqe. The item may make requests in this call.
    virtual void completed(operation which, int how, unsigned flags) noexcept = 0;
    // Returns whether the completion of a prompt request alone ends the wait.
    virtual bool awaits_completion(operation) const noexcept { return true; }

protected:
    ~uring_item() = default;
};

// The sizes of a ring. Thread safety: a value.
struct uring_sizes {
    unsigned submissions = 1024;  // entries of the submission queue; when it is full, it is submitted at once
    unsigned completions = 4096;  // the most that wait to be read; the kernel keeps further ones
    std::size_t buffer_bytes = std::size_t{8} << 20;  // the most bytes in buffers that wait to be filled
};

// Thread safety: one thread from the first wait() on.
class uring_ring {
public:
    // With these flags, the kernel processes completions within the wait, on the thread that submitted the requests.
    // IORING_SETUP_R_DISABLED lets the first wait determine that thread.
    static constexpr unsigned setup_flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
                                            IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP |
                                            IORING_SETUP_R_DISABLED | IORING_SETUP_TASKRUN_FLAG;
    // Ends IORING_SETUP_R_DISABLED: from now on only this thread may enter the ring.
    static result<void> enable(io_uring& ring);

    // Errors: errc::unsupported or errc::not_permitted, if io_uring is not available or older than that of Linux 6.1;
    // errc::no_descriptors; errc::no_memory.
    static result<std::unique_ptr<uring_ring>> open(const uring_sizes& sizes);
    uring_ring(const uring_ring&) = delete;
    uring_ring& operator=(const uring_ring&) = delete;
    ~uring_ring();

    // Makes a request. `prepare` is called at once to fill the entry, which may be in the backlog instead of the ring.
    template <class Prepare>
    void request(uring_item& item, uring_item::operation which, Prepare prepare) {
        io_uring_sqe& one = next();
        prepare(&one);
        one.user_data = user_data_of(item, which);
        ++in_flight_;
    }
    // Makes a request that the kernel completes while it is submitted, whatever the result.
    template <class Prepare>
    void request_promptly(uring_item& item, uring_item::operation which, Prepare prepare) {
        request(item, which, prepare);
        note_prompt(item, which);
    }
    // Cancels a request: it completes soon, with -ECANCELED unless it has completed already.
    void cancel(uring_item& item, uring_item::operation which);
    // Makes a request for close(2). It is submitted after all requests that were made before.
    void close(int fd);

    // Submits the requests and waits for a completion, but not longer than `until`. This is one system call. Returns
    // false when a signal ended the wait, or when not all requests were submitted.
    bool wait(deadline until, time_point now);
    // The most completions that are delivered in a turn: their connections send in the same turn, while their memory is
    // in the cache.
    static constexpr unsigned most_completions = 128;
    // Delivers completions until enough() returns true. The others, and those of requests that complete meanwhile, are
    // delivered by the next call. Returns false when some are left.
    template <class Enough>
    bool complete(Enough enough) {
        prompt_.clear();
        const unsigned ready = io_uring_cq_ready(&ring_);
        unsigned left = std::min(ready, most_completions);
        for (; left != 0 && !enough(); --left) complete_one();
        return left == 0 && ready <= most_completions && !has_pending();
    }
    // Returns true when the kernel has completions that it has not processed yet: since Linux 6.13 one wait processes
    // some 20 of them.
    bool has_pending() const noexcept {
        return (IO_URING_READ_ONCE(*ring_.sq.kflags) & (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW)) != 0;
    }
    // Submits the requests, without waiting.
    void submit();
    // The same, but the kernel also processes completions. So the requests that were cancelled before, and closed
    // descriptors, have released their sockets when this function returns.
    void settle();
    bool has_unsubmitted() const noexcept { return !backlog_.empty() || io_uring_sq_ready(&ring_) != 0; }
    // Returns the number of requests that have not completed. Requests without a completion (cancel() and close()) do
    // not count.
    std::size_t in_flight() const noexcept { return in_flight_; }

    io_uring& native() noexcept { return ring_; }

private:
    uring_ring() = default;
    static std::uint64_t user_data_of(uring_item& item, uring_item::operation which) noexcept {
        return reinterpret_cast<std::uintptr_t>(&item) | which;
    }
    io_uring_sqe& next();
    void note_prompt(const uring_item& item, uring_item::operation which) noexcept;
    void complete_one();
    [[noreturn]] static void refused_later(const error& why);
    void enable();
    void take_backlog();
    unsigned completions_to_wait_for() const noexcept;

    io_uring ring_{};
    bool is_open_ = false;
    bool is_enabled_ = false;
    std::size_t in_flight_ = 0;
    std::vector<io_uring_sqe> backlog_;  // entries that did not fit into the ring
    struct prompt_request {
        const uring_item* item;
        uring_item::operation which;
    };
    std::vector<prompt_request> prompt_;  // made since the last delivery of completions
};

}  // namespace weir::internal
