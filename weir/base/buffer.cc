#include "weir/base/buffer.h"

#include <algorithm>
#include <bit>
#include <cstdint>

namespace weir {

void buffer::make_room(std::size_t count) {
    const std::size_t used = size();
    WEIR_CHECK(count <= PTRDIFF_MAX / 2 - used, "a buffer of more than PTRDIFF_MAX / 2 bytes");
    // Moving the content to the front is enough only when that frees at least half: otherwise small consumes before
    // each append would copy the same bytes again and again.
    if (used + count <= capacity_ && used <= capacity_ / 2) {
        if (used != 0) std::memmove(storage_.get(), data(), used);
    } else {
        constexpr std::size_t smallest = 64;
        constexpr std::size_t step = 64 * 1024;
        const std::size_t least = std::max({used + count, used * 2, smallest});
        const std::size_t wanted = least <= step ? std::bit_ceil(least) : (least + step - 1) / step * step;
        auto larger = std::make_unique_for_overwrite<std::byte[]>(wanted);
        if (used != 0) std::memcpy(larger.get(), data(), used);
        storage_ = std::move(larger);
        capacity_ = wanted;
    }
    begin_ = 0;
    end_ = used;
}

}  // namespace weir
