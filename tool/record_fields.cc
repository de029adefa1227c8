#include "record_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include <weir/base/text.h>

namespace weir_tool {
namespace {

struct type {
    char code;
    std::string_view name;
    std::string_view meaning;
    unsigned size;
};

// Python's struct documentation, "Format Characters", standard sizes.
constexpr std::array<type, 18> types{{{'x', "padding", "not part of any value", 1},
                                      {'c', "byte", "one byte", 1},
                                      {'b', "i8", "signed", 1},
                                      {'B', "u8", "unsigned", 1},
                                      {'?', "bool", "true or false", 1},
                                      {'h', "i16", "signed", 2},
                                      {'H', "u16", "unsigned", 2},
                                      {'e', "f16", "half float", 2},
                                      {'i', "i32", "signed", 4},
                                      {'I', "u32", "unsigned", 4},
                                      {'l', "i32", "signed", 4},
                                      {'L', "u32", "unsigned", 4},
                                      {'f', "f32", "float", 4},
                                      {'q', "i64", "signed", 8},
                                      {'Q', "u64", "unsigned", 8},
                                      {'d', "f64", "double", 8},
                                      {'s', "string", "bytes, padded with zeros", 1},
                                      {'p', "pascal", "string, its length in the first byte", 1}}};
constexpr std::uint64_t most_single_fields = 16;

const type& type_of(char code) {
    return *std::find_if(types.begin(), types.end(), [&](const type& one) { return one.code == code; });
}

}  // namespace

std::vector<record_field> record_fields(std::string_view format) {
    std::vector<record_field> all;
    const std::string order = format[0] == '<' ? "little-endian" : "big-endian";
    unsigned number = 0;
    for (std::size_t i = 1; i < format.size(); ++i) {
        std::uint64_t count = 0;
        bool counted = false;
        for (; format[i] >= '0' && format[i] <= '9'; ++i, counted = true) {
            count = count * 10 + static_cast<std::uint64_t>(format[i] - '0');
        }
        if (!counted) count = 1;
        const type& known = type_of(format[i]);
        const bool one_value = known.code == 's' || known.code == 'p' || known.code == 'x';
        const std::string meaning =
            known.size > 1 ? fmt::format("{}, {}", known.meaning, order) : std::string(known.meaning);
        if (!one_value && count <= most_single_fields) {
            for (std::uint64_t k = 0; k < count; ++k) {
                all.push_back(
                    {std::string(1, known.code), fmt::format("{} #{}", known.name, ++number), meaning, known.size});
            }
        } else if (count != 0) {
            if (known.code != 'x') ++number;
            const std::string name =
                one_value ? (known.code == 'x' ? std::string(known.name) : fmt::format("{} #{}", known.name, number))
                          : fmt::format("{} x {} #{}", count, known.name, number);
            all.push_back({fmt::format("{}{}", count, known.code), name, meaning, count * known.size});
        }
    }
    return all;
}

namespace {

std::string half(std::uint64_t bits) {
    const int exponent = static_cast<int>(bits >> 10 & 31);
    const auto fraction = static_cast<double>(bits & 1023);
    double value = exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
    if (exponent == 31) value = fraction == 0 ? HUGE_VAL : NAN;
    return fmt::format("{}", (bits >> 15) != 0 ? -value : value);
}

std::string single_value(const type& known, std::uint64_t bits) {
    switch (known.code) {
        case 'e': return half(bits);
        case 'f': return fmt::format("{}", std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
        case 'd': return fmt::format("{}", std::bit_cast<double>(bits));
        case '?': return bits != 0 ? "true" : "false";
        case 'b':
        case 'h':
        case 'i':
        case 'l':
        case 'q': {
            const unsigned unused = 64 - 8 * known.size;
            return fmt::format("{}", static_cast<std::int64_t>(bits << unused) >> unused);
        }
        default: return fmt::format("{}", bits);
    }
}

}  // namespace

std::string field_value(std::string_view code, std::string_view format, weir::bytes_view content) {
    const type& known = type_of(code.back());
    if (known.code == 'x') return std::string(known.meaning);
    if (known.code == 'c') return weir::quote(content);
    if (known.code == 's') {
        weir::bytes_view text = content;
        while (!text.empty() && text[text.size() - 1] == std::byte{}) text = text.first(text.size() - 1);
        return weir::quote(text, 64);
    }
    if (known.code == 'p') {
        if (content.empty()) return weir::quote(content);
        const std::size_t length = std::min<std::size_t>(std::to_integer<std::size_t>(content[0]), content.size() - 1);
        return weir::quote(content.part(1, length), 64);
    }
    if (content.size() != known.size) return fmt::format("{} values", content.size() / known.size);
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < content.size(); ++i) {
        bits = bits << 8 | std::to_integer<std::uint64_t>(content[format[0] == '<' ? content.size() - 1 - i : i]);
    }
    return single_value(known, bits);
}

}  // namespace weir_tool
