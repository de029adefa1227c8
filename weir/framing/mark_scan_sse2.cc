// mark_bits() with SSE2, which every x86-64 has.
#include <emmintrin.h>

#include "weir/framing/mark_scan.h"

namespace weir {
namespace {

struct marks {
    __m128i quarters[4];

    marks(const std::byte* block, std::byte mark) noexcept {
        const __m128i wanted = _mm_set1_epi8(static_cast<char>(mark));
        for (unsigned i = 0; i < 4; ++i) {
            quarters[i] = _mm_cmpeq_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(block + 16 * i)), wanted);
        }
    }

    bool any() const noexcept {
        return _mm_movemask_epi8(
                   _mm_or_si128(_mm_or_si128(quarters[0], quarters[1]), _mm_or_si128(quarters[2], quarters[3]))) != 0;
    }
    std::uint64_t bits() const noexcept {
        std::uint64_t all = 0;
        for (unsigned i = 0; i < 4; ++i) {
            all |= std::uint64_t{static_cast<std::uint32_t>(_mm_movemask_epi8(quarters[i]))} << (16 * i);
        }
        return all;
    }
};

}  // namespace

std::uint64_t mark_bits(const std::byte* block, std::byte mark) noexcept { return marks(block, mark).bits(); }

std::uint64_t next_mark_bits(const std::byte*& from, const std::byte* end, std::byte mark) noexcept {
    for (const std::byte* block = from; end - block >= 64; block += 64) {
        const marks found(block, mark);
        from = block + 64;
        if (found.any()) return found.bits();
    }
    return 0;
}

}  // namespace weir
