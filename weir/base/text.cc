#include "weir/base/text.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace weir {
namespace {

struct size_unit {
    std::string_view name;
    std::uint64_t bytes;
};

constexpr std::array<size_unit, 3> size_units{{{"GiB", 1u << 30}, {"MiB", 1u << 20}, {"KiB", 1u << 10}}};

struct time_unit {
    std::string_view name;
    std::int64_t nanoseconds;
};

constexpr std::array<time_unit, 6> time_units{{{"h", 3'600'000'000'000},
                                               {"min", 60'000'000'000},
                                               {"s", 1'000'000'000},
                                               {"ms", 1'000'000},
                                               {"us", 1'000},
                                               {"ns", 1}}};

std::size_t count_digits(std::string_view text) noexcept {
    return static_cast<std::size_t>(std::find_if(text.begin(), text.end(), [](char c) { return c < '0' || c > '9'; }) -
                                    text.begin());
}

int hex_value(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// The byte that an escape sequence encodes, and the length of the sequence without its backslash. The length is 0 if
// the text is not an escape sequence.
struct escaped_byte {
    std::byte value{};
    std::size_t length = 0;
};

escaped_byte read_escape(std::string_view text) noexcept {
    if (text.empty()) return {};
    switch (text[0]) {
        case 'n': return {std::byte{'\n'}, 1};
        case 'r': return {std::byte{'\r'}, 1};
        case 't': return {std::byte{'\t'}, 1};
        case '0': return {std::byte{0}, 1};
        case '\\': return {std::byte{'\\'}, 1};
        case '"': return {std::byte{'"'}, 1};
        case 'x': break;
        default: return {};
    }
    if (text.size() < 3) return {};
    const int high = hex_value(text[1]);
    const int low = hex_value(text[2]);
    if (high < 0 || low < 0) return {};
    return {static_cast<std::byte>(high * 16 + low), 3};
}

}  // namespace

std::optional<std::uint64_t> parse_unsigned(std::string_view text) noexcept {
    if (text.empty() || (text.size() > 1 && text[0] == '0')) return std::nullopt;
    std::uint64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, status] = std::from_chars(text.data(), end, value);
    if (status != std::errc() || stop != end) return std::nullopt;
    return value;
}

result<std::uint64_t> parse_size(std::string_view text) {
    const auto refuse = [&](std::string why) { return error(errc::malformed, "size", quote(text), std::move(why)); };
    const std::size_t digits = count_digits(text);
    const auto count = parse_unsigned(text.substr(0, digits));
    if (!count) return refuse("a size is a number with an optional unit, like 512, 64KiB or 1MiB");
    const std::string_view unit = text.substr(digits);
    if (unit.empty()) return *count;
    for (const auto& known : size_units) {
        if (unit != known.name) continue;
        if (*count > UINT64_MAX / known.bytes) return refuse("more than 2^64 bytes");
        return *count * known.bytes;
    }
    return refuse("no such unit; the units are KiB, MiB and GiB, and bytes without a unit");
}

std::string format_size(std::uint64_t size) {
    for (const auto& unit : size_units) {
        if (size != 0 && size % unit.bytes == 0) return std::to_string(size / unit.bytes) + std::string(unit.name);
    }
    return std::to_string(size);
}

std::string say_size(std::uint64_t size) {
    for (const auto& unit : size_units) {
        if (size != 0 && size % unit.bytes == 0) {
            return std::to_string(size / unit.bytes) + " " + std::string(unit.name);
        }
    }
    return std::to_string(size) + (size == 1 ? " byte" : " bytes");
}

result<duration> parse_duration(std::string_view text) {
    const auto refuse = [&](std::string why) { return error(errc::malformed, "time", quote(text), std::move(why)); };
    const std::size_t digits = count_digits(text);
    const auto count = parse_unsigned(text.substr(0, digits));
    if (!count) return refuse("a time is a number and a unit, like 20ms, 2s or 5min");
    const std::string_view unit = text.substr(digits);
    for (const auto& known : time_units) {
        if (unit != known.name) continue;
        if (*count > static_cast<std::uint64_t>(INT64_MAX / known.nanoseconds)) return refuse("more than 292 years");
        return duration(static_cast<std::int64_t>(*count) * known.nanoseconds);
    }
    return refuse(unit.empty() ? "the unit is missing: write 20ms, 2s or 5min"
                               : "no such unit; the units are ns, us, ms, s, min and h");
}

std::string format_duration(duration time) {
    const std::int64_t count = time.count();
    if (count == 0) return "0s";
    for (const auto& unit : time_units) {
        if (count % unit.nanoseconds == 0) return std::to_string(count / unit.nanoseconds) + std::string(unit.name);
    }
    return std::to_string(count) + "ns";
}

std::optional<bytes> parse_hex(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    bytes content(text.size() / 2);
    for (std::size_t i = 0; i < content.size(); ++i) {
        const int high = hex_value(text[2 * i]);
        const int low = hex_value(text[2 * i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        content[i] = static_cast<std::byte>(high * 16 + low);
    }
    return content;
}

std::string to_hex(bytes_view content) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(content.size() * 2);
    for (const auto byte : content) {
        text += digits[std::to_integer<std::size_t>(byte) >> 4];
        text += digits[std::to_integer<std::size_t>(byte) & 15];
    }
    return text;
}

std::string quote(bytes_view content, std::size_t limit) {
    std::string text = "\"";
    for (const auto byte : content.first(std::min(limit, content.size()))) {
        const char c = static_cast<char>(byte);
        switch (c) {
            case '\n': text += "\\n"; break;
            case '\r': text += "\\r"; break;
            case '\t': text += "\\t"; break;
            case '\\': text += "\\\\"; break;
            case '"': text += "\\\""; break;
            default:
                if (c >= ' ' && c <= '~') {
                    text += c;
                } else {
                    text += "\\x" + to_hex({&byte, 1});
                }
        }
    }
    return text + (content.size() > limit ? "\"..." : "\"");
}

std::string show(std::string_view text, std::size_t limit) {
    const bool plain = std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
    return plain && text.size() <= limit ? std::string(text) : quote(text, limit);
}

std::optional<bytes> parse_quoted(std::string_view text) {
    if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::nullopt;
    text = text.substr(1, text.size() - 2);
    bytes content;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"') return std::nullopt;
        if (text[i] != '\\') {
            content.append(static_cast<std::uint8_t>(text[i]));
            continue;
        }
        const escaped_byte named = read_escape(text.substr(i + 1));
        if (named.length == 0) return std::nullopt;
        content.append(bytes_view(&named.value, 1));
        i += named.length;
    }
    return content;
}

}  // namespace weir
