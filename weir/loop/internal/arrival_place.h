// The place for the bytes of one read: the user's room if there is any, otherwise a borrowed block. Private.
#pragma once

#include <algorithm>

#include "weir/loop/byte_stream.h"
#include "weir/loop/loop_memory.h"

namespace weir::internal {

// Prepares for one read, which must follow at once.
class arrival_place {
public:
    // The most bytes that one read may take: more would leave the cache before they are used.
    static constexpr std::size_t most_bytes = block_pool::largest_bytes;

    arrival_place(byte_stream::user& user, loop_memory& from, block_size& size) : size_(size), to_(user.room()) {
        if (!to_.empty()) {
            to_ = to_.first(std::min(to_.size(), most_bytes));
            return;
        }
        block_ = from.blocks().lend(from.budget().is_over() ? 0 : size.now());
        to_ = {block_.data(), block_.capacity()};
    }

    std::byte* data() const noexcept { return to_.data(); }
    std::size_t capacity() const noexcept { return to_.size(); }

    // Call it after `count` bytes were read into the place; 0 is the end of the stream.
    arrival filled(std::size_t count) {
        if (block_.capacity() == 0) return {{}, {}, count};
        size_.came(count);
        block_.resize(count);
        if (count == 0) block_.give_back();
        return {{}, std::move(block_), 0};
    }

private:
    block_size& size_;
    borrowed_buffer block_;
    std::span<std::byte> to_;
};

}  // namespace weir::internal
