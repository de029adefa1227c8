#include "tool/explain/code_length.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace weir_tool {
namespace {

constexpr double novelty = 0.06;     // the count of a byte that never occurred
constexpr double forgetting = 0.01;  // the part of the weights that each byte spreads over all predictors

template <class Counts>
double chance(const Counts& seen, std::size_t byte) noexcept {
    return (seen.of[byte] + novelty) / (seen.all + 256 * novelty);
}

template <class Counts>
void learn(Counts& seen, std::size_t byte) noexcept {
    if (seen.of[byte] == UINT16_MAX) return;
    ++seen.of[byte];
    ++seen.all;
}

}  // namespace

void code_length::add_payload(weir::bytes_view content) {
    for (const auto each : content) {
        const auto byte = std::to_integer<std::size_t>(each);
        counts& behind = met(behind_, before_);
        counts& place = met(at_place_, std::min(place_, places - 1));
        const std::array<double, 4> votes{chance(at_all_, byte), chance(behind, byte), chance(place, byte), 1.0 / 256};
        double all = 0;
        for (std::size_t i = 0; i < votes.size(); ++i) all += weights_[i] * votes[i];
        bits_ -= std::log2(all);
        for (std::size_t i = 0; i < votes.size(); ++i) {
            weights_[i] =
                (1 - forgetting) * weights_[i] * votes[i] / all + forgetting / static_cast<double>(votes.size());
        }
        learn(at_all_, byte);
        learn(behind, byte);
        learn(place, byte);
        before_ = byte;
        ++place_;
    }
}

void code_length::add_header_byte(std::size_t place, std::byte content) {
    const auto byte = std::to_integer<std::size_t>(content);
    counts& seen = met(headers_, std::min(place, headers_.size() - 1));
    bits_ -= std::log2(chance(seen, byte));
    learn(seen, byte);
}

// A length either occurred before or is new. A new length costs the bits of its magnitude; all lengths of one magnitude
// are equally likely.
void code_length::add_length(std::uint64_t size) {
    const auto magnitude = static_cast<std::size_t>(std::bit_width(size));
    const auto all = static_cast<double>(lengths_.size());
    const auto same = static_cast<double>(std::count(lengths_.begin(), lengths_.end(), size));
    const double again = same / (all + 1);
    const double by_magnitude = (magnitudes_[magnitude] + 0.25) / (all + 0.25 * 24);
    const double within = magnitude < 2 ? 1 : std::exp2(-static_cast<double>(magnitude - 1));
    bits_ -= std::log2(0.5 * again + 0.5 * by_magnitude * within);
    ++magnitudes_[magnitude];
    lengths_.push_back(size);
}

}  // namespace weir_tool
