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
        const std::size_t wanted = std::bit_ceil(std::max({used + count, used * 2, smallest}));
        auto larger = std::make_unique_for_overwrite<std::byte[]>(wanted);
        if (used != 0) std::memcpy(larger.get(), data(), used);
        storage_ = std::move(larger);
        capacity_ = wanted;
    }
    begin_ = 0;
    end_ = used;
}

}  // namespace weir
