// The memory that a loop reads into: blocks of a few sizes, which readers borrow and return.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

#include "weir/loop/borrowed_buffer.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {

// All blocks must be returned before the pool is destroyed. Thread safety: its loop's thread alone.
class block_pool final : public buffer_owner {
public:
    static constexpr std::size_t sizes = 4;
    // The sizes are 4, 16, 64 and 256 KiB.
    static constexpr std::size_t bytes_of(std::size_t size) noexcept { return std::size_t{4096} << (2 * size); }
    static constexpr std::size_t largest_bytes = std::size_t{4096} << (2 * (sizes - 1));
    // The most bytes that are kept for the next reads; further blocks are freed.
    static constexpr std::size_t most_kept_bytes = 4 << 20;

    block_pool() = default;
    block_pool(const block_pool&) = delete;
    block_pool& operator=(const block_pool&) = delete;
    ~block_pool();

    // Lends a block of the size with this index; its content is undefined.
    borrowed_buffer lend(std::size_t size);
    // Lends the smallest block of at least this size. Above largest_bytes, lends an allocation that is freed when it is
    // returned.
    borrowed_buffer lend_at_least(std::size_t bytes);
    void take_back(std::byte* memory, std::size_t capacity) noexcept override;

    std::size_t borrowed_bytes() const noexcept { return borrowed_; }

private:
    std::array<std::vector<std::unique_ptr<std::byte[]>>, sizes> kept_;
    std::size_t kept_bytes_ = 0;
    std::size_t borrowed_ = 0;
};

// The size of the block for a stream's next read. It grows when a block was filled, and shrinks after several short
// reads.
class block_size {
public:
    std::size_t now() const noexcept { return size_; }
    void came(std::size_t bytes) noexcept {
        if (bytes > block_pool::bytes_of(size_) / 8) {
            little_ = 0;
            if (bytes == block_pool::bytes_of(size_) && size_ < block_pool::sizes - 1) ++size_;
        } else if (size_ != 0 && ++little_ == patience) {
            little_ = 0;
            --size_;
        }
    }

private:
    // A message that is a little longer than a block arrives in two reads, of which the second is short. So one short
    // read must not shrink the block.
    static constexpr unsigned char patience = 4;

    unsigned char size_ = 0;
    unsigned char little_ = 0;  // short reads in a row
};

}  // namespace internal
}  // namespace weir
