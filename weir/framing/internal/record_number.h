// Numbers in the bytes of a record: in either byte order, and half floats. Not for users.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>

#include "weir/framing/description.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {

// The same bits with their bytes in `order` instead of the machine's, or the other way round.
template <std::unsigned_integral T>
constexpr T in_order(T bits, byte_order order) noexcept {
    if ((order == byte_order::little) == (std::endian::native == std::endian::little)) return bits;
    if constexpr (sizeof(T) == 2) return __builtin_bswap16(bits);
    if constexpr (sizeof(T) == 4) return __builtin_bswap32(bits);
    if constexpr (sizeof(T) == 8) return __builtin_bswap64(bits);
    return bits;
}

// To and from sizeof(T) bytes at `at`, which need no alignment.
template <std::unsigned_integral T>
void put_number(std::byte* at, T bits, byte_order order) noexcept {
    bits = in_order(bits, order);
    std::memcpy(at, &bits, sizeof bits);
}
template <std::unsigned_integral T>
T take_number(const std::byte* at, byte_order order) noexcept {
    T bits;
    std::memcpy(&bits, at, sizeof bits);
    return in_order(bits, order);
}

// The half float (IEEE 754 binary16) nearest to a number, ties to even; nothing when it would be an infinity that the
// number is not, from 65520 on. Of a NaN only the sign is kept.
std::optional<std::uint16_t> half_of(double number) noexcept;
double from_half(std::uint16_t bits) noexcept;

}  // namespace internal
}  // namespace weir
