// Where what is read next goes: straight into the user's room, or else into a block that is lent. Private.
#pragma once

#include <algorithm>

#include "weir/loop/block_pool.h"
#include "weir/loop/byte_stream.h"
#include "weir/loop/loop.h"

namespace weir {

// For one read, right after it was made.
class arrival_place {
public:
    // Of one read: what is larger would leave the cache before it is used.
    static constexpr std::size_t most_bytes = block_pool::bytes_of(block_pool::sizes - 1);

    arrival_place(byte_stream::user& user, block_pool& from, block_size& size) : size_(size), to_(user.room()) {
        if (!to_.empty()) {
            to_ = to_.first(std::min(to_.size(), most_bytes));
            return;
        }
        const loop* const here = loop::running();
        const bool spares = here != nullptr && here->budget().is_over();
        block_ = from.lend(spares ? 0 : size.now());
        to_ = {block_.data(), block_.capacity()};
    }

    std::byte* data() const noexcept { return to_.data(); }
    std::size_t capacity() const noexcept { return to_.size(); }

    // After `count` bytes were read there; none is the end of the stream.
    arrival filled(std::size_t count) {
        if (block_.capacity() == 0) return {{}, {}, count};
        size_.came(count);
        block_.resize(count);
        if (count == 0) block_.give_back();
        return {{}, std::move(block_), 0};
    }

private:
    block_size& size_;
    lent_bytes block_;
    std::span<std::byte> to_;
};

}  // namespace weir
