#include "weir/loop/uring_buffers.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>

namespace weir {
namespace {

constexpr std::size_t most_slots = 32'768;  // the kernel's limit

std::size_t mapped_bytes(std::size_t slots) { return slots * sizeof(io_uring_buf); }

}  // namespace

uring_buffers::~uring_buffers() {
    for (std::size_t size = 0; size < groups_.size(); ++size) {
        auto& one = groups_[size];
        if (one.shared == nullptr) continue;
        static_cast<void>(io_uring_unregister_buf_ring(&ring_.native(), static_cast<int>(size)));
        ::munmap(one.shared, mapped_bytes(one.slots));
    }
}

bool uring_buffers::open(std::size_t size) {
    auto& one = groups_[size];
    if (one.shared != nullptr) return true;
    const std::size_t slots =
        std::clamp(std::bit_floor(most_bytes_ / block_pool::bytes_of(size)), std::size_t{1}, most_slots);
    void* const memory =
        ::mmap(nullptr, mapped_bytes(slots), PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);
    if (memory == MAP_FAILED) return false;
    io_uring_buf_reg wanted{};
    wanted.ring_addr = reinterpret_cast<std::uintptr_t>(memory);
    wanted.ring_entries = static_cast<unsigned>(slots);
    wanted.bgid = static_cast<std::uint16_t>(size);
    if (io_uring_register_buf_ring(&ring_.native(), &wanted, 0) != 0) {
        ::munmap(memory, mapped_bytes(slots));
        return false;
    }
    one.shared = static_cast<io_uring_buf_ring*>(memory);
    one.slots = slots;
    one.blocks = std::make_unique<lent_bytes[]>(slots);
    io_uring_buf_ring_init(one.shared);
    grow(size);
    return true;
}

void uring_buffers::put(group& into, std::size_t size, std::size_t slot, int offset) {
    lent_bytes& block = into.blocks[slot];
    block = from_.lend(size);
    io_uring_buf_ring_add(into.shared, block.data(), static_cast<unsigned>(block.capacity()),
                          static_cast<unsigned short>(slot), static_cast<int>(into.slots - 1), offset);
}

void uring_buffers::grow(std::size_t size) {
    auto& one = groups_[size];
    const std::size_t wanted = std::min(one.slots, std::max(first_count, 2 * one.count));
    const std::size_t more = wanted - one.count;
    for (std::size_t i = 0; i < more; ++i) put(one, size, one.count + i, static_cast<int>(i));
    io_uring_buf_ring_advance(one.shared, static_cast<int>(more));
    one.count = wanted;
}

lent_bytes uring_buffers::take(std::size_t size, unsigned flags, std::size_t filled) {
    auto& one = groups_[size];
    const std::size_t slot = flags >> IORING_CQE_BUFFER_SHIFT;
    lent_bytes taken = std::move(one.blocks[slot]);
    taken.resize(filled);
    put(one, size, slot, 0);
    io_uring_buf_ring_advance(one.shared, 1);
    return taken;
}

}  // namespace weir
