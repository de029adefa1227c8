#include "weir/framing/internal/fast_path.h"

namespace weir::internal {

const std::size_t end_mark::part_bytes = 8192;

end_mark::end_mark(std::byte mark, std::byte before, rule demands) noexcept : mark_(mark), before_(before) {
    if (demands == rule::before_is_required) {
        bare_text_ = no_text;
        wire_[wire_bytes_++] = before;
    }
    wire_[wire_bytes_++] = mark;
}

}  // namespace weir::internal
