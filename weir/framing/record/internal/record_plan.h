// Finds the place of each member of a struct in the bytes of its record, or the reason why the format does not match
// the members. Also works at compile time. Not for users: programs use record_codec.h.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "weir/base/bytes.h"
#include "weir/base/error.h"
#include "weir/framing/record/internal/record_format.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {

// The properties of a member's type that the format must match.
struct record_shape {
    enum kind : std::uint8_t { none, boolean, signed_integer, unsigned_integer, floating, character, text };

    kind what = none;
    std::size_t size = 0;      // bytes of an element
    std::size_t elements = 0;  // elements of an array; 0 for any other type
};

// The place of a member in the record. `size` is the size of one value, as in record_field. A member has `count`
// values, or is one string of `count` bytes.
struct record_place {
    std::size_t offset = 0;
    std::size_t size = 0;
    std::size_t count = 0;
    char code = 0;
};

template <class T>
inline constexpr std::size_t record_array_elements = 0;
template <class T, std::size_t n>
inline constexpr std::size_t record_array_elements<T[n]> = n;
template <class T, std::size_t n>
inline constexpr std::size_t record_array_elements<std::array<T, n>> = n;
template <class T>
concept record_array = record_array_elements<T> != 0;

// An enum with a fixed underlying type. An enum without one cannot hold every number that fits into its bytes.
template <class T>
concept record_enum = std::is_enum_v<T> && requires { T{std::underlying_type_t<T>{}}; };

template <class T>
constexpr record_shape record_shape_of() {
    using enum record_shape::kind;
    if constexpr (record_array<T>) {
        record_shape shape = record_shape_of<std::remove_cvref_t<decltype(std::declval<T&>()[0])>>();
        if (shape.elements != 0 || shape.what == text) return {};
        shape.elements = record_array_elements<T>;
        return shape;
    } else if constexpr (std::is_same_v<T, std::string>) {
        return {text, 0, 0};
    } else if constexpr (std::is_same_v<T, bool>) {
        return {boolean, sizeof(T), 0};
    } else if constexpr (std::is_same_v<T, char> || std::is_same_v<T, std::byte>) {
        return {character, sizeof(T), 0};
    } else if constexpr (record_enum<T>) {
        return record_shape_of<std::underlying_type_t<T>>();
    } else if constexpr (std::is_integral_v<T>) {
        return {std::is_signed_v<T> ? signed_integer : unsigned_integer, sizeof(T), 0};
    } else if constexpr (std::is_same_v<T, float> || std::is_same_v<T, double>) {
        return {floating, sizeof(T), 0};
    }
    return {};
}

// Returns why the member with this number and shape does not match the field, or no flaw.
constexpr record_flaw record_misfit(const record_field& field, const record_shape& shape, std::size_t member) {
    using enum record_shape::kind;
    const auto demand = [member](bool fits, const char* wanted) {
        if (fits) return record_flaw();
        return record_flaw(a_member_has_another_type_or_size_than_the_record_format, wanted, 0, member);
    };
    const auto of = [&](record_shape::kind kind) { return shape.what == kind && shape.size == field.size; };
    switch (field.code) {
        case '?': return demand(of(boolean), "? is a bool");
        case 'c': return demand(of(character), "c is a char or a std::byte");
        case 'b': return demand(of(signed_integer), "b is a std::int8_t, or an enum of it");
        case 'B': return demand(of(unsigned_integer), "B is a std::uint8_t, or an enum of it");
        case 'h': return demand(of(signed_integer), "h is a std::int16_t, or an enum of it");
        case 'H': return demand(of(unsigned_integer), "H is a std::uint16_t, or an enum of it");
        case 'i':
        case 'l': return demand(of(signed_integer), "i and l are a std::int32_t, or an enum of it");
        case 'I':
        case 'L': return demand(of(unsigned_integer), "I and L are a std::uint32_t, or an enum of it");
        case 'q': return demand(of(signed_integer), "q is a std::int64_t, or an enum of it");
        case 'Q': return demand(of(unsigned_integer), "Q is a std::uint64_t, or an enum of it");
        case 'e': return demand(shape.what == floating && shape.size == sizeof(float), "e is a float");
        case 'f': return demand(of(floating), "f is a float");
        case 'd': return demand(of(floating), "d is a double");
        case 'p': return demand(shape.what == text, "p is a std::string");
        default: break;
    }
    const bool bytes = shape.what == character || (shape.what == unsigned_integer && shape.size == 1);
    return demand(shape.what == text || (bytes && shape.elements == field.size),
                  "s is a std::string, or an array of as many char, unsigned char or std::byte");
}

template <std::size_t members>
struct record_plan {
    constexpr record_plan(std::string_view text, const std::array<record_shape, members>& shapes) : format(text) {
        record_reader read(text);
        std::size_t left = 0;  // values of the field that no member has taken
        const auto find_values = [&] {
            while (left == 0 && read.next()) left = read.field().values();
            return left != 0;
        };
        for (std::size_t i = 0; i < members && !flaw; ++i) {
            if (find_values()) {
                left -= place(i, read.field(), left, shapes[i]);
            } else {
                flaw = {the_record_format_has_fewer_values_than_members,
                        "the format has fewer values than there are members", 0};
            }
        }
        if (!flaw && find_values())
            flaw = {the_record_format_has_more_values_than_members, "the format has more values than there are members",
                    0};
        if (read.flaw()) flaw = read.flaw();
        size = read.size();
        order = read.order();
    }

    std::string_view format;
    std::array<record_place, members> places{};
    std::size_t size = 0;
    byte_order order = byte_order::big;
    record_flaw flaw;

private:
    // Assigns to the member its values, from the last `left` values of the field. Returns their number.
    constexpr std::size_t place(std::size_t number, const record_field& field, std::size_t left,
                                const record_shape& shape) {
        const bool string = field.code == 's' || field.code == 'p';
        const std::size_t values = string || shape.elements == 0 ? 1 : shape.elements;
        flaw = record_misfit(field, shape, number + 1);
        if (flaw) return 0;
        if (values > left) {
            flaw = {a_member_has_another_type_or_size_than_the_record_format,
                    "the array has more elements than the field has values", 0, number + 1};
            return 0;
        }
        places[number].offset = field.offset + (field.values() - left) * field.size;
        places[number].size = field.size;
        places[number].count = string ? field.size : values;
        places[number].code = field.code;
        return values;
    }
};

// Returns the bits of a number, a char or a bool.
template <class T>
constexpr auto record_bits(T value) noexcept {
    if constexpr (sizeof(T) == 1) {
        return std::bit_cast<std::uint8_t>(value);
    } else if constexpr (sizeof(T) == 2) {
        return std::bit_cast<std::uint16_t>(value);
    } else if constexpr (sizeof(T) == 4) {
        return std::bit_cast<std::uint32_t>(value);
    } else {
        return std::bit_cast<std::uint64_t>(value);
    }
}

// put_record_text() writes a text to the bytes of an s or p field, which must be zero. It returns a sentence when the
// text does not fit, and null otherwise. record_text() returns the text of such a field.
const char* put_record_text(std::string_view text, const record_place& place, std::byte* at) noexcept;
std::string_view record_text(const record_place& place, const std::byte* at) noexcept;

error record_unencodable(std::string_view format, std::size_t member, const record_place& place, const char* why);
error record_wrong_size(std::string_view format, std::size_t size, std::size_t wanted);

}  // namespace internal
}  // namespace weir
