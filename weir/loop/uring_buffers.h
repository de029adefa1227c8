// Buffers that the kernel fills when something comes, so that nobody who waits owns one: a ring of them for each size that there is. What was
// filled leaves the ring, lent, and a fresh one takes its slot. Private.
#pragma once

#include <array>
#include <cstddef>
#include <memory>

#include "weir/loop/block_pool.h"
#include "weir/loop/uring_ring.h"

namespace weir {

class uring_buffers {
public:
    // The smallest ones of block_pool. They are filled in turn, so that larger ones would never be in the cache.
    static constexpr std::size_t sizes = 3;

    uring_buffers(uring_ring& ring, block_pool& from, std::size_t most_bytes) noexcept
        : ring_(ring), from_(from), most_bytes_(most_bytes) {}
    uring_buffers(const uring_buffers&) = delete;
    uring_buffers& operator=(const uring_buffers&) = delete;
    ~uring_buffers();

    // Has buffers of that size ready, an index of block_pool; false when the kernel refuses. The group of the kernel's has the same number.
    bool open(std::size_t size);
    // After an answer that tells of a buffer: `filled` bytes of it.
    lent_bytes take(std::size_t size, unsigned flags, std::size_t filled);
    // After ENOBUFS: there will be more of them, up to the limit. Those that were taken are back already.
    void grow(std::size_t size);

    // How many of that size wait in the ring.
    std::size_t count(std::size_t size) const noexcept { return groups_[size].count; }

private:
    static constexpr std::size_t first_count = 8;

    struct group {
        io_uring_buf_ring* shared = nullptr;  // with the kernel, mapped
        std::size_t slots = 0;                // a power of two
        std::size_t count = 0;
        std::unique_ptr<lent_bytes[]> blocks;  // by the kernel's number for each
    };
    void put(group& into, std::size_t size, std::size_t slot, int offset);

    uring_ring& ring_;
    block_pool& from_;
    std::size_t most_bytes_;
    std::array<group, sizes> groups_;
};

}  // namespace weir
