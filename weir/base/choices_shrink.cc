// Shrinks a row of choices. A row with fewer choices is smaller; of two equally long rows, the lexicographically
// smaller one is smaller. Each candidate row is run. The run may make fewer choices than the row has. The row of the
// choices that it made replaces the old row if that row is smaller and the run still fails.
#include <algorithm>

#include "weir/base/choices.h"

namespace weir {
namespace {

class shrinking {
public:
    shrinking(choices::numbers failing, const std::function<bool(choices&)>& fails, std::size_t most_runs)
        : best_(std::move(failing)), fails_(fails), runs_left_(most_runs) {}

    choices::numbers least() {
        if (!run(best_, true)) return best_;  // the run does not fail again, so its row cannot be shrunk
        do {
            smaller_ = false;
            drop_stretches();
            drop_parts();
            clear_parts();
            lower_numbers();
            lower_and_drop();
        } while (smaller_ && runs_left_ != 0);
        return best_;
    }

private:
    bool run(const choices::numbers& row, bool anyway = false) {
        if (runs_left_ == 0) return false;
        --runs_left_;
        choices draw = choices::replay(row);
        if (!fails_(draw)) return false;
        choices::numbers made = draw.row();
        const bool before = made.size() != best_.size() ? made.size() < best_.size() : made < best_;
        if (!before && !anyway) return false;
        smaller_ = smaller_ || before;
        best_ = std::move(made);
        parts_ = draw.made().parts;
        return true;
    }

    bool without(std::size_t begin, std::size_t end) {
        choices::numbers row = best_;
        row.erase(row.begin() + static_cast<std::ptrdiff_t>(begin), row.begin() + static_cast<std::ptrdiff_t>(end));
        return run(row);
    }

    // Begins with the last part, because fewer choices depend on it. Dropping a part moves only the choices after it. A
    // part that is beyond the end of a new, shorter row is skipped until the next round.
    void drop_parts() {
        for (std::size_t i = parts_.size(); i-- > 0 && runs_left_ != 0;) {
            if (i >= parts_.size() || parts_[i].end > best_.size()) continue;
            without(parts_[i].begin, parts_[i].end);
        }
    }
    void drop_stretches() {
        for (std::size_t size = best_.size(); size != 0 && runs_left_ != 0; size /= 2) {
            for (std::size_t end = best_.size(); end >= size && runs_left_ != 0; end -= std::min(end, size)) {
                if (end <= best_.size()) without(end - size, end);
                if (end == 0) break;
            }
        }
    }

    void clear_parts() {
        for (std::size_t i = 0; i < parts_.size() && runs_left_ != 0; ++i) {
            choices::numbers row = best_;
            const auto begin = row.begin() + static_cast<std::ptrdiff_t>(std::min(parts_[i].begin, row.size()));
            const auto end = row.begin() + static_cast<std::ptrdiff_t>(std::min(parts_[i].end, row.size()));
            std::fill(begin, end, 0u);
            if (row != best_) run(row);
        }
    }

    bool with(std::size_t place, std::uint64_t number) {
        choices::numbers row = best_;
        row[place] = number;
        return run(row);
    }

    void lower_numbers() {
        for (std::size_t i = 0; i < best_.size() && runs_left_ != 0; ++i) {
            if (best_[i] == 0 || with(i, 0)) continue;
            std::uint64_t passes = 0;
            while (i < best_.size() && best_[i] - passes > 1 && runs_left_ != 0) {
                const std::uint64_t middle = passes + (best_[i] - passes) / 2;
                const std::uint64_t before = best_[i];
                if (!with(i, middle)) passes = middle;
                if (i < best_.size() && best_[i] > before) break;  // the run now makes other choices
            }
        }
    }

    // A number may be the count of the items that follow it. So this function decreases a number by one and also drops
    // some of the choices after it.
    void lower_and_drop() {
        constexpr std::size_t most_dropped = 8;
        constexpr std::size_t most_ahead = 64;
        for (std::size_t i = 0; i < best_.size() && runs_left_ != 0; ++i) {
            if (best_[i] == 0) continue;
            bool done = false;
            for (std::size_t size = 1; size <= most_dropped && !done; ++size) {
                for (std::size_t begin = i + 1; begin + size <= std::min(best_.size(), i + most_ahead) && !done;
                     ++begin) {
                    if (runs_left_ == 0) return;
                    choices::numbers row = best_;
                    --row[i];
                    row.erase(row.begin() + static_cast<std::ptrdiff_t>(begin),
                              row.begin() + static_cast<std::ptrdiff_t>(begin + size));
                    done = run(row);
                }
            }
        }
    }

    choices::numbers best_;
    const std::function<bool(choices&)>& fails_;
    std::size_t runs_left_;
    std::vector<choices::record::stretch> parts_;
    bool smaller_ = false;
};

thread_local bool within = false;  // true while a shrink() runs

}  // namespace

choices::numbers shrink(const choices::numbers& failing, const std::function<bool(choices&)>& fails,
                        std::size_t most_runs) {
    if (within) return failing;
    within = true;
    const struct leaving {
        ~leaving() { within = false; }
    } leaves;
    return shrinking(failing, fails, most_runs).least();
}

}  // namespace weir
