#include "weir/kernel/line_quota.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace weir {

bool line_quota::takes(line_kind kind, time_point now) {
    second& one = seconds_[kind.name];
    if (now >= one.end) {
        one.kind = kind;
        one.end = now + std::chrono::seconds(1);
        one.written = 0;
    }
    if (one.written < kind.most_a_second) {
        ++one.written;
        return true;
    }
    ++one.left_out;
    ++left_out_;
    next_due_ = std::min(next_due_, one.end);
    return false;
}

std::optional<line_quota::count> line_quota::due(time_point now) {
    if (now < next_due_) return {};
    std::optional<count> found;
    next_due_ = time_point::max();
    for (auto& [name, one] : seconds_) {
        if (one.left_out == 0) continue;
        if (!found && now >= one.end) {
            found = count{one.kind, std::exchange(one.left_out, 0)};
        } else {
            next_due_ = std::min(next_due_, one.end);
        }
    }
    return found;
}

}  // namespace weir
