// mark_bits() with SSE2, which every x86-64 processor has.
#include <emmintrin.h>

#include "weir/framing/internal/mark_scan.h"

namespace weir::internal {
namespace {

std::uint64_t bits_of(const std::byte* block, __m128i wanted) noexcept {
    const auto quarter = [&](unsigned i) {
        const __m128i found = _mm_cmpeq_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(block + 16 * i)), wanted);
        return std::uint64_t{static_cast<std::uint32_t>(_mm_movemask_epi8(found))} << (16 * i);
    };
    return (quarter(0) | quarter(1)) | (quarter(2) | quarter(3));
}

}  // namespace

std::uint64_t mark_bits(const std::byte* block, std::byte mark) noexcept {
    return bits_of(block, _mm_set1_epi8(static_cast<char>(mark)));
}

std::uint64_t next_mark_bits(const std::byte*& from, const std::byte* end, std::byte mark) noexcept {
    const __m128i wanted = _mm_set1_epi8(static_cast<char>(mark));
    const std::byte* block = from;
    std::uint64_t bits = 0;
    for (; end - block >= 64 && bits == 0; block += 64) bits = bits_of(block, wanted);
    from = block;
    return bits;
}

}  // namespace weir::internal
