#include "weir/base/buffer.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

namespace weir {

void buffer::make_room(std::size_t count) {
    const std::size_t used = size();
    WEIR_CHECK(count <= PTRDIFF_MAX / 2 - used, "a buffer of more than PTRDIFF_MAX / 2 bytes");
    // Move the content to the front only if at least half of the capacity is then free. Otherwise, small consumes
    // between appends would copy the same bytes repeatedly.
    if (used + count <= capacity_ && used <= capacity_ / 2) {
        if (used != 0) std::memmove(storage_, data(), used);
        begin_ = 0;
        end_ = used;
    } else {
        constexpr std::size_t smallest = 64;
        constexpr std::size_t step = 64 * 1024;
        const std::size_t least = std::max({used + count, used * 2, smallest});
        const std::size_t wanted = least <= step ? std::bit_ceil(least) : (least + step - 1) / step * step;
        enlarge(wanted);
    }
}

// Grows to `wanted` bytes and moves the content to the front. If it throws std::bad_alloc, the content is unchanged.
void buffer::enlarge(std::size_t wanted) {
    const std::size_t used = size();
    if (capacity_ > most_from_new) {
        if (begin_ != 0 && used != 0) std::memmove(storage_, data(), used);
        begin_ = 0;
        end_ = used;
        void* const larger = std::realloc(storage_, wanted);  // NOLINT(cppcoreguidelines-no-malloc): it moves pages
        if (larger == nullptr) throw std::bad_alloc();
        storage_ = static_cast<std::byte*>(larger);
    } else {
        auto* const larger = wanted > most_from_new
                                 ? static_cast<std::byte*>(std::malloc(wanted))  // NOLINT(cppcoreguidelines-no-malloc)
                                 : new std::byte[wanted];
        if (larger == nullptr) throw std::bad_alloc();
        if (used != 0) std::memcpy(larger, data(), used);
        if (storage_ != nullptr) free_storage();
        storage_ = larger;
        begin_ = 0;
        end_ = used;
    }
    capacity_ = wanted;
}

void buffer::free_storage() noexcept {
    if (capacity_ > most_from_new) return std::free(storage_);  // NOLINT(cppcoreguidelines-no-malloc)
    delete[] storage_;
}

void buffer::prepend(bytes_view front) {
    if (front.empty()) return;
    if (begin_ < front.size()) {
        prepare(front.size());
        if (begin_ < front.size()) {
            const std::size_t used = size();
            std::memmove(storage_ + front.size(), data(), used);
            begin_ = front.size();
            end_ = begin_ + used;
        }
    }
    begin_ -= front.size();
    std::memcpy(data(), front.data(), front.size());
}

}  // namespace weir
