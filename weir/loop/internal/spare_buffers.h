// Keeps the memory of emptied buffers for the next use. Connections send from such buffers, and collect partial
// messages in them.
#pragma once

#include <cstddef>
#include <vector>

#include "weir/base/buffer.h"
#include "weir/loop/internal/byte_budget.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {

// Thread safety: its loop's thread alone.
class spare_buffers final : private byte_budget::cache {
public:
    // Limits of small buffers: the bytes of each, their number, and their bytes in all.
    static constexpr std::size_t small_bytes = 64 * 1024;
    static constexpr std::size_t most_small = 1024;
    static constexpr std::size_t most_small_bytes = 4 << 20;
    // Limits of large buffers: their bytes in all, and the fraction of the loop's budget that they may take (1 /
    // large_part). The least recently kept ones are freed first. Large buffers count in the budget, and are freed when
    // the budget needs their memory.
    static constexpr std::size_t most_large_bytes = 16 << 20;
    static constexpr std::size_t large_part = 8;

    explicit spare_buffers(byte_budget& of);

    // Returns an empty buffer: a small one if `wanted` bytes fit into small_bytes, otherwise the smallest large one
    // with room for them. If there is no such buffer, the returned one has no memory.
    buffer take(std::size_t wanted = 0) noexcept;
    // Returns the capacity of the buffer that take(wanted) would return.
    std::size_t capacity_for(std::size_t wanted) const noexcept;
    // Empties the buffer, and keeps its memory or frees it.
    void keep(buffer& emptied) noexcept;
    // Frees all large buffers.
    void drop() noexcept override;

private:
    std::size_t fitting(std::size_t wanted) const noexcept;
    void count_large(std::size_t bytes) noexcept;

    byte_budget& budget_;
    std::vector<buffer> small_;
    std::size_t small_bytes_ = 0;
    std::vector<buffer> large_;  // the most recently kept one is last
    std::size_t large_bytes_ = 0;
};

}  // namespace internal
}  // namespace weir
