#include "weir/framing/internal/mark_scan.h"

namespace weir::internal {

const std::byte* mark_scan::find_near(const std::byte* end) noexcept {
    const std::byte* const from = next_;
    bits_ = next_mark_bits(next_, end - from > near_bytes ? from + near_bytes : end, mark_);
    if (bits_ == 0) {
        const std::byte* const found = find_far(next_, end);
        far_ = found != nullptr && found - from >= near_bytes;
        if (found != nullptr) next_ = found + 1;
        return found;
    }
    block_ = next_ - block_bytes;
    const std::byte* const found = block_ + std::countr_zero(bits_);
    bits_ &= bits_ - 1;
    return found;
}

}  // namespace weir::internal
