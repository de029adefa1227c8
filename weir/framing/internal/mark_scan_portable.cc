// mark_bits() for any machine. It compares eight bytes at a time in a 64-bit word.
#include "weir/framing/internal/mark_scan.h"

namespace weir::internal {

std::uint64_t mark_bits(const std::byte* block, std::byte mark) noexcept {
    constexpr std::uint64_t ones = 0x0101010101010101;
    constexpr std::uint64_t low_seven = ones * 0x7f;
    std::uint64_t bits = 0;
    for (unsigned i = 0; i < 8; ++i) {
        std::uint64_t word = 0;
        for (unsigned j = 0; j < 8; ++j) word |= std::to_integer<std::uint64_t>(block[8 * i + j]) << (8 * j);
        word ^= ones * std::to_integer<std::uint64_t>(mark);
        // Sets the top bit of each byte that was zero; no carry crosses a byte.
        const std::uint64_t zeros = ~(((word & low_seven) + low_seven) | word | low_seven);
        // Gathers the eight top bits in the top byte.
        bits |= (((zeros >> 7) * 0x0102040810204080) >> 56) << (8 * i);
    }
    return bits;
}

std::uint64_t next_mark_bits(const std::byte*& from, const std::byte* end, std::byte mark) noexcept {
    while (end - from >= 64) {
        const std::uint64_t bits = mark_bits(from, mark);
        from += 64;
        if (bits != 0) return bits;
    }
    return 0;
}

}  // namespace weir::internal
