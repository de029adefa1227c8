// Memory of buffers that are empty for now, for the next one that needs some: what a loop's connections send from, and
// collect torn messages in. Private to the loop and its channels.
#pragma once

#include <cstddef>
#include <vector>

#include "weir/base/buffer.h"
#include "weir/loop/byte_budget.h"

namespace [[gnu::visibility("default")]] weir {

// Thread safety: its loop's thread alone.
class spare_buffers final : private byte_budget::cache {
public:
    // Small ones: of how many bytes each at most, how many, and of how many bytes in all.
    static constexpr std::size_t small_bytes = 64 * 1024;
    static constexpr std::size_t most_small = 256;
    static constexpr std::size_t most_small_bytes = 4 << 20;
    // Large ones: how many bytes in all, and what part of the loop's budget at most; those that nobody wanted for
    // longest go first. They count in the budget, and go when it needs them.
    static constexpr std::size_t most_large_bytes = 16 << 20;
    static constexpr std::size_t large_part = 8;

    explicit spare_buffers(byte_budget& of);

    // An empty buffer; the smallest large one with room for `wanted` bytes, or a small one if that is enough; without
    // memory when there is none such.
    buffer take(std::size_t wanted = 0) noexcept;
    // Empties it, and keeps its memory or gives it back.
    void keep(buffer& emptied) noexcept;
    // Gives the memory of all large ones back.
    void drop() noexcept override;

private:
    void count_large(std::size_t bytes) noexcept;

    byte_budget& budget_;
    std::vector<buffer> small_;
    std::size_t small_bytes_ = 0;
    std::vector<buffer> large_;  // those kept last at the end
    std::size_t large_bytes_ = 0;
};

}  // namespace weir
