#include "tool/connect/sent_marks.h"

#include <algorithm>

namespace weir_tool {

void sent_marks::add(std::uint64_t end) {
    if (is_full()) {
        std::size_t kept = 0;
        for (std::size_t i = 1; i < marks_.size(); i += 2) marks_[kept++] = marks_[i];
        marks_.resize(kept);
    }
    marks_.push_back({end, ++number_});
}

void sent_marks::taken(std::uint64_t place) {
    const auto first = std::find_if(marks_.begin(), marks_.end(), [&](const mark& one) { return one.end > place; });
    if (first == marks_.begin()) return;
    taken_ = (first - 1)->number;
    marks_.erase(marks_.begin(), first);
}

std::uint64_t sent_marks::behind(std::uint64_t place) const noexcept {
    std::uint64_t known = taken_;
    for (const mark& one : marks_) {
        if (one.end <= place) known = one.number;
    }
    return number_ - known;
}

}  // namespace weir_tool
