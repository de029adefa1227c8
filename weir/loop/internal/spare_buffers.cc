#include "weir/loop/internal/spare_buffers.h"

#include <algorithm>
#include <utility>

namespace weir::internal {

spare_buffers::spare_buffers(byte_budget& of) : budget_(of) {
    of.set_cache(*this);
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
    const std::size_t place = fitting(wanted);
    if (place == large_.size()) return given;
    given.swap(large_[place]);
    large_.erase(large_.begin() + static_cast<std::ptrdiff_t>(place));
    count_large(large_bytes_ - given.capacity());
    return given;
}

std::size_t spare_buffers::capacity_for(std::size_t wanted) const noexcept {
    if (wanted <= small_bytes) return small_.empty() ? 0 : small_.back().capacity();
    const std::size_t place = fitting(wanted);
    return place == large_.size() ? 0 : large_[place].capacity();
}

// Returns the index of the smallest large buffer with room for `wanted` bytes; large_.size() when there is none. Of
// several with the same size it returns the last one, which was kept most recently.
std::size_t spare_buffers::fitting(std::size_t wanted) const noexcept {
    std::size_t best = large_.size();
    for (std::size_t i = large_.size(); i-- > 0;) {
        const std::size_t capacity = large_[i].capacity();
        if (capacity >= wanted && (best == large_.size() || capacity < large_[best].capacity())) best = i;
    }
    return best;
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
    budget_.count_cached(bytes);
}

}  // namespace weir::internal
