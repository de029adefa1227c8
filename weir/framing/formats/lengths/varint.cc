#include "weir/framing/formats/lengths/varint.h"

#include <bit>

#include "weir/base/text.h"

namespace weir::internal {
namespace {

constexpr std::size_t most_width = 10;

}  // namespace

number_read varint_format::read(bytes_view field) const noexcept {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < field.size(); ++i) {  // returns at the tenth byte at the latest
        const auto byte = std::to_integer<std::uint64_t>(field.data()[i]);
        if (i + 1 == most_width && byte > 1) return number_read::broken(i);
        number |= (byte & 0x7f) << (7 * i);
        if (byte < 0x80) return number_read::number(number, i + 1);
    }
    return number_read::more(field.size() + 1);
}

std::size_t varint_format::width_of(std::uint64_t number) const noexcept {
    return number == 0 ? 1 : (static_cast<std::size_t>(std::bit_width(number)) + 6) / 7;
}

void varint_format::write(std::uint64_t number, std::size_t width, std::byte* to) const noexcept {
    for (std::size_t i = 0; i < width; ++i) {
        const std::uint64_t seven = number >> (7 * i) & 0x7f;
        to[i] = static_cast<std::byte>(i + 1 < width ? seven | 0x80 : seven);
    }
}

std::string varint_format::explain_number(bytes_view field, std::size_t place) const {
    return "the length " + to_hex(field.first(place + 1)) + " has more than 64 bits";
}

}  // namespace weir::internal
