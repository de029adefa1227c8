#include "weir/loop/internal/block_pool.h"

#include <new>

#include "weir/base/check.h"

namespace weir::internal {

block_pool::~block_pool() {
    WEIR_CHECK(borrowed_ == 0, "a loop ended while one of its channels still held received bytes");
}

borrowed_buffer block_pool::lend(std::size_t size) {
    auto& kept = kept_[size];
    const std::size_t bytes = bytes_of(size);
    std::unique_ptr<std::byte[]> memory;
    if (kept.empty()) {
        memory = std::make_unique_for_overwrite<std::byte[]>(bytes);
    } else {
        memory = std::move(kept.back());
        kept.pop_back();
        kept_bytes_ -= bytes;
    }
    borrowed_ += bytes;
    return {memory.release(), bytes, 0, *this};
}

borrowed_buffer block_pool::lend_at_least(std::size_t bytes) {
    if (bytes > largest_bytes) {
        auto memory = std::make_unique_for_overwrite<std::byte[]>(bytes);
        borrowed_ += bytes;
        return {memory.release(), bytes, 0, *this};
    }
    std::size_t size = 0;
    while (bytes_of(size) < bytes) ++size;
    return lend(size);
}

void block_pool::take_back(std::byte* memory, std::size_t capacity) noexcept {
    std::unique_ptr<std::byte[]> owned(memory);
    borrowed_ -= capacity;
    if (capacity > largest_bytes || kept_bytes_ + capacity > most_kept_bytes) return;
    std::size_t size = 0;
    while (bytes_of(size) != capacity) ++size;
    try {
        kept_[size].push_back(std::move(owned));
    } catch (const std::bad_alloc&) {
        return;  // the block is freed
    }
    kept_bytes_ += capacity;
}

}  // namespace weir::internal
