// A ring of buffers that the kernel fills when bytes arrive, so that a waiting connection owns no buffer. Each buffer
// is a block of the smallest size. A reader borrows a filled block, and a fresh one takes its slot. The kernel uses all
// blocks in turn, so larger ones would not stay in the cache. Private.
#pragma once

#include <cstddef>
#include <memory>

#include "weir/kernel/uring/uring_ring.h"
#include "weir/loop/internal/block_pool.h"

namespace weir::internal {

class uring_buffers {
public:
    // The number of the buffer group in the kernel.
    static constexpr std::uint16_t group = 0;

    uring_buffers(uring_ring& ring, block_pool& from, std::size_t most_bytes) noexcept
        : ring_(ring), from_(from), most_bytes_(most_bytes) {}
    uring_buffers(const uring_buffers&) = delete;
    uring_buffers& operator=(const uring_buffers&) = delete;
    ~uring_buffers();

    // Call it once, before all other functions. The error has the errno of the call that the kernel refused.
    result<void> open();
    // Call it after a completion with a buffer. Lends the buffer, with `filled` bytes. If there is no memory for a
    // fresh block, the filled one stays in the ring. Then the result is empty, and the bytes are lost.
    borrowed_buffer take(unsigned flags, std::size_t filled);
    // Call it after ENOBUFS. Adds buffers, up to the limit. Buffers that were taken have been replaced already.
    void grow();

    // Returns the number of buffers in the ring.
    std::size_t count() const noexcept { return count_; }

private:
    static constexpr std::size_t first_count = 8;

    void put(std::size_t slot, int offset);
    void put_again(std::size_t slot, int offset = 0) noexcept;

    uring_ring& ring_;
    block_pool& from_;
    std::size_t most_bytes_;
    io_uring_buf_ring* shared_ = nullptr;  // shared with the kernel, mapped
    std::size_t slots_ = 0;                // a power of two
    std::size_t count_ = 0;
    std::unique_ptr<borrowed_buffer[]> blocks_;  // indexed by the kernel's number of the buffer
};

}  // namespace weir::internal
