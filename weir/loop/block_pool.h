// Memory for what is read: blocks of a few sizes, a loop's own, that are lent and come back. Private.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

#include "weir/loop/lent_bytes.h"

namespace weir {

// Everything lent must have come back before it is destroyed. Thread safety: its loop's thread alone.
class block_pool final : public lender {
public:
    static constexpr std::size_t sizes = 4;
    // 4, 16, 64 and 256 KiB.
    static constexpr std::size_t bytes_of(std::size_t size) noexcept { return std::size_t{4096} << (2 * size); }
    // What is kept for the next read; the rest goes back to the allocator.
    static constexpr std::size_t most_kept_bytes = 4 << 20;

    block_pool() = default;
    block_pool(const block_pool&) = delete;
    block_pool& operator=(const block_pool&) = delete;
    ~block_pool();

    // Room to be filled; its bytes are what they were.
    lent_bytes lend(std::size_t size);
    void take_back(std::byte* memory, std::size_t capacity) noexcept override;

    std::size_t lent_bytes_now() const noexcept { return lent_; }

private:
    std::array<std::vector<std::unique_ptr<std::byte[]>>, sizes> kept_;
    std::size_t kept_bytes_ = 0;
    std::size_t lent_ = 0;
};

// Which size the next read of a stream asks for: grows when one was filled, shrinks when little came several times.
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
    // What is a little longer than a block comes in two reads, of which the second is short.
    static constexpr unsigned char patience = 4;

    unsigned char size_ = 0;
    unsigned char little_ = 0;  // reads in a row
};

}  // namespace weir
