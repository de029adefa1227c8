// Random numbers that are the same on every machine for the same seed. This file has its own generator and integer
// distributions, because the distributions of the standard library differ between implementations. Do not use the
// numbers for secrets, because they can be predicted. Private: programs use weir::choices.
#pragma once

#include <bit>
#include <cstdint>

#include "weir/base/check.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {

// The generator xoshiro256** (Blackman and Vigna), seeded by splitmix64. Thread safety: one thread at a time; a copy
// continues with the same numbers.
class random_source {
public:
    explicit random_source(std::uint64_t seed) noexcept {
        for (auto& word : state_) {
            seed += 0x9e3779b97f4a7c15u;
            std::uint64_t mixed = seed;
            mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
            mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
            word = mixed ^ (mixed >> 31);
        }
    }

    std::uint64_t next() noexcept {
        const std::uint64_t drawn = std::rotl(state_[1] * 5, 7) * 9;
        const std::uint64_t shifted = state_[1] << 17;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= shifted;
        state_[3] = std::rotl(state_[3], 45);
        return drawn;
    }

    // Returns a number below `bound`, which must be at least 1; each number is equally likely.
    std::uint64_t below(std::uint64_t bound) {
        WEIR_CHECK(bound != 0, "random_source::below(0)");
        const std::uint64_t unfair = (0 - bound) % bound;  // 2^64 mod bound
        std::uint64_t drawn = next();
        while (drawn < unfair) drawn = next();
        return drawn % bound;
    }

    // Returns a number from `least` to `most`, both included.
    std::uint64_t between(std::uint64_t least, std::uint64_t most) {
        WEIR_CHECK(least <= most, "random_source::between() of an empty range");
        const std::uint64_t width = most - least;
        return width == UINT64_MAX ? next() : least + below(width + 1);
    }

    // Returns true in one of `times` calls, on average.
    bool one_in(std::uint64_t times) { return below(times) == 0; }

private:
    std::uint64_t state_[4];
};

}  // namespace internal
}  // namespace weir
