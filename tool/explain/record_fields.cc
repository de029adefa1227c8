#include "tool/explain/record_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <variant>

#include <weir/base/text.h>
#include <weir/framing/record/record.h>

namespace weir_tool {
namespace {

struct type {
    char code;
    std::string_view name;
    std::string_view meaning;
};

// The types are those of Python's struct documentation, "Format Characters", with standard sizes.
constexpr std::array<type, 18> types{{{'x', "padding", "not part of any value"},
                                      {'c', "byte", "one byte"},
                                      {'b', "i8", "signed"},
                                      {'B', "u8", "unsigned"},
                                      {'?', "bool", "true or false"},
                                      {'h', "i16", "signed"},
                                      {'H', "u16", "unsigned"},
                                      {'e', "f16", "half float"},
                                      {'i', "i32", "signed"},
                                      {'I', "u32", "unsigned"},
                                      {'l', "i32", "signed"},
                                      {'L', "u32", "unsigned"},
                                      {'f', "f32", "float"},
                                      {'q', "i64", "signed"},
                                      {'Q', "u64", "unsigned"},
                                      {'d', "f64", "double"},
                                      {'s', "string", "bytes, padded with zeros"},
                                      {'p', "pascal", "string, its length in the first byte"}}};
constexpr std::uint64_t most_single_fields = 16;

const type& type_of(char code) {
    return *std::find_if(types.begin(), types.end(), [&](const type& one) { return one.code == code; });
}

template <class Number>
std::string in_words(const Number& number, char) {
    return fmt::format("{}", number);
}

std::string in_words(weir::bytes_view text, char code) {
    while (code == 's' && !text.empty() && text[text.size() - 1] == std::byte{}) text = text.first(text.size() - 1);
    return weir::quote(text, 64);
}

}  // namespace

std::vector<record_field> record_fields(std::string_view format) {
    std::vector<record_field> all;
    const auto layout = weir::record_layout::parse(format);
    const std::string order = layout->order() == weir::byte_order::little ? "little-endian" : "big-endian";
    unsigned number = 0;
    for (const weir::record_field& field : layout->fields()) {
        const type& known = type_of(field.code);
        const bool string = field.code == 's' || field.code == 'p';
        const std::size_t in_all = field.size * field.count;
        const std::string meaning =
            !string && field.size > 1 ? fmt::format("{}, {}", known.meaning, order) : std::string(known.meaning);
        if (field.code == 'x') {
            all.push_back({fmt::format("{}x", in_all), std::string(known.name), meaning, in_all});
        } else if (string) {
            all.push_back({fmt::format("{}{}", in_all, field.code), fmt::format("{} #{}", known.name, ++number),
                           meaning, in_all});
        } else if (field.count > most_single_fields) {
            all.push_back({fmt::format("{}{}", field.count, field.code),
                           fmt::format("{} x {} #{}", field.count, known.name, ++number), meaning, in_all});
        } else {
            for (std::size_t i = 0; i < field.count; ++i) {
                all.push_back(
                    {std::string(1, field.code), fmt::format("{} #{}", known.name, ++number), meaning, field.size});
            }
        }
    }
    return all;
}

std::string field_value(std::string_view code, std::string_view format, weir::bytes_view content) {
    const auto layout = weir::record_layout::parse(std::string(1, format[0]) + std::string(code));
    const auto values = layout->unpack(content);
    if (values->empty()) return std::string(type_of('x').meaning);
    if (values->size() > 1) return fmt::format("{} values", values->size());
    // Writes as few digits as distinguish the value from other floats of the same size.
    if (code.back() == 'f') return fmt::format("{}", static_cast<float>(std::get<double>(values->front())));
    return std::visit([&](const auto& one) { return in_words(one, code.back()); }, values->front());
}

}  // namespace weir_tool
