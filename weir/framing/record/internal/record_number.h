// Reads and writes numbers in the bytes of a record, in either byte order, and half floats. Not for users.
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

// Converts bits between the machine's byte order and `order`.
template <std::unsigned_integral T>
constexpr T in_order(T bits, byte_order order) noexcept {
    if ((order == byte_order::little) == (std::endian::native == std::endian::little)) return bits;
    if constexpr (sizeof(T) == 2) return __builtin_bswap16(bits);
    if constexpr (sizeof(T) == 4) return __builtin_bswap32(bits);
    if constexpr (sizeof(T) == 8) return __builtin_bswap64(bits);
    return bits;
}

// Write and read sizeof(T) bytes at `at`, which needs no alignment.
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

// Returns the half float (IEEE 754 binary16) nearest to a number, ties to even. Returns nothing when a finite number
// would become infinite, which happens from 65520 on. Only the sign of a NaN is kept.
std::optional<std::uint16_t> half_of(double number) noexcept;
double from_half(std::uint16_t bits) noexcept;

}  // namespace internal
}  // namespace weir
