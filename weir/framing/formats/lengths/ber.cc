#include "weir/framing/formats/lengths/ber.h"

#include <bit>

#include "weir/base/text.h"

namespace weir::internal {
namespace {

constexpr std::uint64_t long_form = 0x80;
constexpr std::size_t most_following = 8;

}  // namespace

number_read ber_format::read(bytes_view field) const noexcept {
    if (field.empty()) return number_read::more(1);
    const auto first = std::to_integer<std::uint64_t>(field.data()[0]);
    if (first < long_form) return number_read::number(first, 1);
    const auto following = static_cast<std::size_t>(first - long_form);
    if (following == 0 || following > most_following) return number_read::broken(0);
    if (field.size() <= following) return number_read::more(1 + following);
    std::uint64_t number = 0;
    for (std::size_t i = 1; i <= following; ++i) {
        number = number << 8 | std::to_integer<std::uint64_t>(field.data()[i]);
    }
    return number_read::number(number, 1 + following);
}

std::size_t ber_format::width_of(std::uint64_t number) const noexcept {
    return number < long_form ? 1 : 1 + (static_cast<std::size_t>(std::bit_width(number)) + 7) / 8;
}

void ber_format::write(std::uint64_t number, std::size_t width, std::byte* to) const noexcept {
    to[0] = static_cast<std::byte>(width == 1 ? number : long_form + width - 1);
    for (std::size_t i = 1; i < width; ++i) to[i] = static_cast<std::byte>(number >> (8 * (width - 1 - i)));
}

std::string ber_format::explain_number(bytes_view field, std::size_t) const {
    if (field[0] == std::byte{long_form}) return "a length of the indefinite form (80), which announces no size";
    return "the length " + to_hex(field.first(1)) + " has more than " + std::to_string(most_following) +
           " bytes after the first";
}

}  // namespace weir::internal
