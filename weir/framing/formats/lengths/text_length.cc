#include "weir/framing/formats/lengths/text_length.h"

#include "weir/base/text.h"

namespace weir::internal {
namespace {

constexpr std::string_view digits = "0123456789abcdef";
constexpr unsigned no_digit = 16;

// Returns the value of a digit of this base, or no_digit.
unsigned value_of(std::byte digit, unsigned base) noexcept {
    const auto c = std::to_integer<unsigned>(digit);
    const unsigned letter = (c | 0x20) - 'a';
    const unsigned value = c - '0' < 10 ? c - '0' : letter < 6 ? letter + 10 : no_digit;
    return value < base ? value : no_digit;
}

// Returns how many decimal digits this number has.
std::size_t digits_in(std::uint64_t number) noexcept {
    std::size_t count = 1;
    for (; number >= 10; number /= 10) ++count;
    return count;
}

// Writes the last `count` digits of a number.
void write_digits(std::uint64_t number, unsigned base, std::size_t count, std::byte* to) noexcept {
    for (; count != 0; --count, number /= base) to[count - 1] = static_cast<std::byte>(digits[number % base]);
}

}  // namespace

text_length_format::text_length_format(const description& fields)
    : announced_format(fields), base_(fields.kind == framing_kind::hex ? 16 : 10), width_(fields.width) {}

number_read text_length_format::read(bytes_view field) const noexcept {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < width_; ++i) {
        if (i == field.size()) return number_read::more(i + 1);
        const unsigned value = value_of(field.data()[i], base_);
        if (value == no_digit) return number_read::broken(i);
        number = number * base_ + value;
    }
    return number_read::number(number, width_);
}

void text_length_format::write(std::uint64_t number, std::size_t width, std::byte* to) const noexcept {
    write_digits(number, base_, width, to);
}

std::string text_length_format::explain_number(bytes_view field, std::size_t place) const {
    return "a length has " + std::to_string(width_) + (base_ == 10 ? " decimal" : " hexadecimal") +
           (width_ == 1 ? " digit" : " digits") + ", but byte " + std::to_string(place) + " of it is " +
           quote(field.part(place, 1));
}

digits_format::digits_format(const description& fields) : announced_format(fields), mark_(fields.length_end) {}

number_read digits_format::read(bytes_view field) const noexcept {
    std::uint64_t number = 0;
    std::size_t count = 0;
    for (; count < field.size(); ++count) {
        const unsigned value = value_of(field.data()[count], 10);
        if (value == no_digit) break;
        if (count == most_length_digits) return number_read::broken(count);
        number = number * 10 + value;
    }
    if (count == field.size()) return number_read::more(count + 1);
    if (count == 0) return number_read::broken(0);
    for (std::size_t i = 0; i < mark_.size(); ++i) {
        if (count + i == field.size()) return number_read::more(count + i + 1);
        if (field.data()[count + i] != mark_.view().data()[i]) return number_read::broken(count + i);
    }
    return number_read::number(number, count + mark_.size());
}

std::size_t digits_format::width_of(std::uint64_t number) const noexcept { return digits_in(number) + mark_.size(); }

void digits_format::write(std::uint64_t number, std::size_t width, std::byte* to) const noexcept {
    const std::size_t count = width - mark_.size();
    write_digits(number, 10, count, to);
    std::memcpy(to + count, mark_.data(), mark_.size());
}

std::string digits_format::explain_number(bytes_view field, std::size_t place) const {
    const std::string wrong = quote(field.part(place, 1));
    if (place == 0) return "a length begins with a decimal digit, not with " + wrong;
    if (place == most_length_digits && value_of(field[place], 10) != no_digit)
        return "the length has more than " + std::to_string(most_length_digits) + " digits";
    return "the digits of a length are followed by " + quote(mark_) + ", not by " + wrong;
}

}  // namespace weir::internal
