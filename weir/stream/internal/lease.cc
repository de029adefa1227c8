#include "weir/stream/internal/lease.h"

#include <memory>
#include <mutex>
#include <vector>

namespace weir::internal {
namespace {

// The cells (counters) that no lease uses. The pool grows to the largest number of leases that existed at one time,
// with eight bytes for each.
struct cell_pool {
    std::mutex guard;
    std::vector<std::unique_ptr<std::uint64_t[]>> blocks;
    std::vector<std::uint64_t*> free;
};

cell_pool& pool() {
    static auto* const one = new cell_pool;  // outlives every channel, even a static one
    return *one;
}

}  // namespace

lease::lease() {
    constexpr std::size_t block_cells = 512;
    cell_pool& cells = pool();
    const std::lock_guard hold(cells.guard);
    if (cells.free.empty()) {
        cells.blocks.reserve(cells.blocks.size() + 1);
        auto block = std::make_unique<std::uint64_t[]>(block_cells);
        // The reserved memory ensures that returning a cell never allocates.
        cells.free.reserve((cells.blocks.size() + 1) * block_cells);
        for (std::size_t i = block_cells; i-- > 0;) cells.free.push_back(&block[i]);
        cells.blocks.push_back(std::move(block));
    }
    cell_ = cells.free.back();
    cells.free.pop_back();
}

lease::~lease() {
    if (cell_ == nullptr) return;
    renew();
    cell_pool& cells = pool();
    const std::lock_guard hold(cells.guard);
    cells.free.push_back(cell_);
}

}  // namespace weir::internal
