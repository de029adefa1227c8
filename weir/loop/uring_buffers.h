// Buffers that the kernel fills when something comes, so that nobody who waits owns one: a ring of the smallest blocks
// there are. What was filled leaves the ring, lent, and a fresh one takes its slot. They are filled in turn, so that
// larger ones would never be in the cache. Private.
#pragma once

#include <cstddef>
#include <memory>

#include "weir/loop/block_pool.h"
#include "weir/loop/uring_ring.h"

namespace weir {

class uring_buffers {
public:
    // The kernel's number for their group.
    static constexpr std::uint16_t group = 0;

    uring_buffers(uring_ring& ring, block_pool& from, std::size_t most_bytes) noexcept
        : ring_(ring), from_(from), most_bytes_(most_bytes) {}
    uring_buffers(const uring_buffers&) = delete;
    uring_buffers& operator=(const uring_buffers&) = delete;
    ~uring_buffers();

    // Before all else, once. The error is the errno of the call that the kernel refused.
    result<void> open();
    // After an answer that tells of a buffer: `filled` bytes of it. Without memory for a fresh block the filled one
    // stays in the ring: nothing is given then, and what had come is lost.
    lent_bytes take(unsigned flags, std::size_t filled);
    // After ENOBUFS: there will be more of them, up to the limit. Those that were taken are back already.
    void grow();

    // How many wait in the ring.
    std::size_t count() const noexcept { return count_; }

private:
    static constexpr std::size_t first_count = 8;

    void put(std::size_t slot, int offset);
    void put_again(std::size_t slot, int offset = 0) noexcept;

    uring_ring& ring_;
    block_pool& from_;
    std::size_t most_bytes_;
    io_uring_buf_ring* shared_ = nullptr;  // with the kernel, mapped
    std::size_t slots_ = 0;                // a power of two
    std::size_t count_ = 0;
    std::unique_ptr<lent_bytes[]> blocks_;  // by the kernel's number for each
};

}  // namespace weir
