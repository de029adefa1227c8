#include "weir/loop/spare_buffers.h"

#include <algorithm>
#include <utility>

namespace weir {

spare_buffers::spare_buffers(byte_budget& of) : budget_(of) {
    of.kept_by(*this);
    small_.reserve(most_small);
    large_.reserve(most_large_bytes / small_bytes);
}

buffer spare_buffers::take(std::size_t wanted) noexcept {
    buffer given;
    if (wanted <= small_bytes) {
        if (small_.empty()) return given;
        given.swap(small_.back());
        small_.pop_back();
        small_bytes_ -= given.capacity();
        return given;
    }
    buffer* best = nullptr;
    for (std::size_t i = large_.size(); i-- > 0;) {  // the last one is still in the cache
        buffer& one = large_[i];
        if (one.capacity() >= wanted && (best == nullptr || one.capacity() < best->capacity())) best = &one;
    }
    if (best == nullptr) return given;
    given.swap(*best);
    large_.erase(large_.begin() + (best - large_.data()));
    count_large(large_bytes_ - given.capacity());
    return given;
}

void spare_buffers::keep(buffer& emptied) noexcept {
    const std::size_t capacity = emptied.capacity();
    emptied.clear();
    if (capacity <= small_bytes) {
        if (capacity == 0 || small_.size() == most_small || small_bytes_ + capacity > most_small_bytes)
            return emptied.release();
        small_.push_back(std::move(emptied));
        small_bytes_ += capacity;
    } else {
        const std::size_t most = std::min(most_large_bytes, budget_.limit_bytes() / large_part);
        if (capacity > most || budget_.waiting() != 0) return emptied.release();
        std::size_t kept = large_bytes_ + capacity;
        while (kept > most) {
            kept -= large_.front().capacity();
            large_.erase(large_.begin());
        }
        large_.push_back(std::move(emptied));
        count_large(kept);
    }
}

void spare_buffers::drop() noexcept {
    large_.clear();
    count_large(0);
}

void spare_buffers::count_large(std::size_t bytes) noexcept {
    large_bytes_ = bytes;
    budget_.cached(bytes);
}

}  // namespace weir
