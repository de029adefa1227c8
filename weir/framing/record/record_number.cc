#include "weir/framing/record/internal/record_number.h"

#include <cmath>
#include <limits>

namespace weir::internal {

//                 sign   exponent            fraction
//     binary64    63     62..52, bias 1023   51..0
//     binary16    15     14..10, bias 15     9..0       exponent 0: subnormal, 31: infinity, NaN
std::optional<std::uint16_t> half_of(double number) noexcept {
    const auto bits = std::bit_cast<std::uint64_t>(number);
    const auto sign = static_cast<std::uint16_t>(bits >> 48 & 0x8000);
    if (std::isnan(number)) return static_cast<std::uint16_t>(sign | 0x7e00);
    if (std::isinf(number)) return static_cast<std::uint16_t>(sign | 0x7c00);
    const int exponent = static_cast<int>(bits >> 52 & 0x7ff) - 1023;
    if (exponent < -25) return sign;  // nearer to 0 than to 2^-24, the smallest half float
    if (exponent > 15) return {};
    const std::uint64_t fraction = (bits & ((std::uint64_t{1} << 52) - 1)) | std::uint64_t{1} << 52;
    // The fraction has 42 bits too many. Below 2^-14 the exponent stays 0, and each further power of two drops one more
    // bit.
    const int dropped = exponent < -14 ? 42 - 14 - exponent : 42;
    std::uint64_t half = fraction >> dropped;
    const std::uint64_t rest = fraction & ((std::uint64_t{1} << dropped) - 1);
    const std::uint64_t middle = std::uint64_t{1} << (dropped - 1);
    if (rest > middle || (rest == middle && half % 2 == 1)) ++half;
    // The leading 1 of a normal number adds one to the exponent. So does a carry out of the fraction, which is correct.
    if (exponent >= -14) half += static_cast<std::uint64_t>(exponent + 14) << 10;
    if (half >= 0x7c00) return {};
    return static_cast<std::uint16_t>(sign | half);
}

double from_half(std::uint16_t bits) noexcept {
    const int exponent = bits >> 10 & 31;
    const int fraction = bits & 1023;
    double number = exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
    if (exponent == 31) {
        number = fraction == 0 ? std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
    }
    return std::copysign(number, (bits & 0x8000) != 0 ? -1.0 : 1.0);
}

}  // namespace weir::internal
