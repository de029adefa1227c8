#include "weir/kernel/uring/uring_buffers.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <new>

#include "weir/socket/internal/system_error.h"

namespace weir::internal {
namespace {

constexpr std::size_t most_slots = 32'768;  // the kernel's limit

std::size_t mapped_bytes(std::size_t slots) { return slots * sizeof(io_uring_buf); }

}  // namespace

uring_buffers::~uring_buffers() {
    if (shared_ == nullptr) return;
    static_cast<void>(io_uring_unregister_buf_ring(&ring_.native(), group));
    ::munmap(shared_, mapped_bytes(slots_));
}

result<void> uring_buffers::open() {
    const std::size_t slots =
        std::clamp(std::bit_floor(most_bytes_ / block_pool::bytes_of(0)), std::size_t{1}, most_slots);
    void* const memory =
        ::mmap(nullptr, mapped_bytes(slots), PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);
    if (memory == MAP_FAILED) return internal::error_of(errno, "mmap", "a ring of buffers");
    io_uring_buf_reg wanted{};
    wanted.ring_addr = reinterpret_cast<std::uintptr_t>(memory);
    wanted.ring_entries = static_cast<unsigned>(slots);
    wanted.bgid = group;
    if (const int number = -io_uring_register_buf_ring(&ring_.native(), &wanted, 0); number != 0) {
        ::munmap(memory, mapped_bytes(slots));
        return internal::error_of(number, "io_uring_register", "a ring of buffers");
    }
    shared_ = static_cast<io_uring_buf_ring*>(memory);
    slots_ = slots;
    blocks_ = std::make_unique<borrowed_buffer[]>(slots);
    io_uring_buf_ring_init(shared_);
    grow();
    return {};
}

void uring_buffers::put(std::size_t slot, int offset) {
    blocks_[slot] = from_.lend(0);
    put_again(slot, offset);
}

void uring_buffers::put_again(std::size_t slot, int offset) noexcept {
    borrowed_buffer& block = blocks_[slot];
    io_uring_buf_ring_add(shared_, block.data(), static_cast<unsigned>(block.capacity()),
                          static_cast<unsigned short>(slot), static_cast<int>(slots_ - 1), offset);
}

void uring_buffers::grow() {
    const std::size_t wanted = std::min(slots_, std::max(first_count, 2 * count_));
    const std::size_t more = wanted - count_;
    std::size_t made = 0;
    try {
        for (; made < more; ++made) put(count_ + made, static_cast<int>(made));
    } catch (const std::bad_alloc&) {
        if (count_ + made == 0) throw;  // at the start; later the existing buffers are enough
    }
    io_uring_buf_ring_advance(shared_, static_cast<int>(made));
    count_ += made;
}

borrowed_buffer uring_buffers::take(unsigned flags, std::size_t filled) {
    const std::size_t slot = flags >> IORING_CQE_BUFFER_SHIFT;
    borrowed_buffer taken = std::move(blocks_[slot]);
    bool has_fresh = true;
    try {
        put(slot, 0);
    } catch (const std::bad_alloc&) {
        has_fresh = false;
    }
    if (has_fresh) {
        taken.resize(filled);
    } else {
        std::swap(blocks_[slot], taken);  // `taken` is now empty
        put_again(slot);
    }
    io_uring_buf_ring_advance(shared_, 1);
    return taken;
}

}  // namespace weir::internal
