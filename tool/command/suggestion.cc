#include "tool/command/suggestion.h"

#include <algorithm>

namespace weir_tool {
namespace {

// Optimal string alignment: Levenshtein distance, where a swap of two neighbours counts once.
std::size_t slips(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
    for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t wrong = a[i - 1] == b[j - 1] ? 0 : 1;
            cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + wrong});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
            }
        }
    }
    return cost[a.size()][b.size()];
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& known) {
    constexpr std::size_t longest = 64;  // no known word is near a longer one
    std::string best;
    std::size_t fewest = 3;
    if (word.size() > longest) return best;
    for (const auto& one : known) {
        const std::size_t count = slips(word, one);
        if (count < fewest && count < one.size() / 2 + 1) {
            fewest = count;
            best = one;
        }
    }
    return best;
}

}  // namespace weir_tool
