// Limits the lines of one kind that a log writes in a second. Further lines are counted, and the count is due at the
// end of the second. This class stores no lines and reads no clock.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

#include "weir/base/time.h"

namespace [[gnu::visibility("default")]] weir {

// A kind of line, and the limit of its lines in one second.
struct line_kind {
    std::string_view name;        // must be in static storage
    std::uint64_t most_a_second;  // further lines are counted
};

// Limits how many lines of one kind are written in a second. Thread safety: a value.
class line_quota {
public:
    // The number of lines of one kind that were left out since the last count.
    struct count {
        line_kind kind;       // the kind of these lines
        std::uint64_t lines;  // their number
    };

    // Returns whether a line of this kind may be written now. If not, counts it.
    bool takes(line_kind kind, time_point now);
    // Returns a count that is due at this time; each count is returned once. Call it until it returns nothing.
    std::optional<count> due(time_point now);
    // Returns the counts in the same way, even if they are not due yet.
    std::optional<count> remaining() { return due(time_point::max()); }
    // Returns the time when the next count is due; time_point::max() if nothing was left out.
    time_point next_due() const noexcept { return next_due_; }
    // Returns the number of lines that were left out since the beginning.
    std::uint64_t left_out() const noexcept { return left_out_; }

private:
    struct second {
        line_kind kind{};
        time_point end{};
        std::uint64_t written = 0;
        std::uint64_t left_out = 0;
    };

    std::map<std::string_view, second> seconds_;
    time_point next_due_ = time_point::max();  // the earliest end of a second in which lines were left out
    std::uint64_t left_out_ = 0;
};

}  // namespace weir
