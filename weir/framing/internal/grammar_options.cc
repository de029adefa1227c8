#include "weir/framing/internal/grammar_options.h"

#include <algorithm>
#include <array>

#include "weir/base/text.h"
#include "weir/framing/internal/checksum_traits.h"

namespace weir::internal {

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    bool quoted = false;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (quoted && text[i] == '\\') {
            ++i;
        } else if (text[i] == '"') {
            quoted = !quoted;
        } else if (text[i] == separator && !quoted) {
            parts.push_back(text.substr(begin, i - begin));
            begin = i + 1;
        }
    }
    parts.push_back(text.substr(begin));
    return parts;
}

complaint read_bytes(std::string_view text, bytes& into) {
    const bool quoted = text.starts_with('"');
    auto content = quoted ? parse_quoted(text) : parse_hex(text);
    if (!content) {
        return quote(text) + (quoted
                                  ? " has a broken quote or escape: the escapes are \\n \\r \\t \\0 \\\\ \\\" and \\xNN"
                                  : " is neither pairs of hex digits, like 7e, nor in quotes, like \"\\r\\n\"");
    }
    if (content->empty()) return "no bytes are given";
    into = std::move(*content);
    return {};
}

std::string write_bytes(bytes_view content) {
    const bool legible = std::all_of(content.begin(), content.end(), [](std::byte b) {
        const char c = static_cast<char>(b);
        return (c >= ' ' && c <= '~') || c == '\n' || c == '\r' || c == '\t';
    });
    return legible ? quote(content) : to_hex(content);
}

complaint read_size_into(std::string_view value, std::uint64_t& into) {
    auto size = parse_size(value);
    if (!size) return quote(value) + ": " + std::string(size.error().detail());
    into = *size;
    return {};
}

namespace {

using kind = framing_kind;

// Reads one word of a closed list, as its index in the list.
template <class Word, std::size_t count>
complaint read_word(std::string_view text, const std::array<std::string_view, count>& words, Word& into) {
    const auto found = std::find(words.begin(), words.end(), text);
    if (found == words.end()) {
        std::string choices;
        for (const auto word : words)
            choices += (choices.empty() ? "" : word == words.back() ? " or " : ", ") + std::string(word);
        return quote(text) + " is not one of its values: " + choices;
    }
    into = static_cast<Word>(found - words.begin());
    return {};
}

template <class Word, std::size_t count>
std::string write_word(const std::array<std::string_view, count>& words, Word word) {
    return std::string(words[static_cast<std::size_t>(word)]);
}

using word_list2 = std::array<std::string_view, 2>;
constexpr word_list2 end_words{"truncated", "deliver"};
constexpr word_list2 short_words{"reject", "empty"};
constexpr std::array<std::string_view, 3> header_words{"strip", "keep", "after"};
constexpr std::array<std::string_view, 3> empty_words{"allow", "reject", "skip"};
constexpr word_list2 overlong_words{"reject", "allow"};
constexpr word_list2 order_words{"big", "little"};
constexpr std::array<std::string_view, 3> oversize_words{"close", "skip", "stream"};
constexpr std::array<std::string_view, 4> counts_words{"body", "payload", "field", "whole"};
constexpr auto check_words = [] {
    std::array<std::string_view, std::size(checksum_kinds)> words;
    for (std::size_t i = 0; i < words.size(); ++i) words[i] = checksum_kinds[i].name;
    return words;
}();

constexpr unsigned everywhere = ~0u;
constexpr unsigned prefixed =
    bit(kind::length) | bit(kind::varint) | bit(kind::ber) | bit(kind::decimal) | bit(kind::hex) | bit(kind::digits);
constexpr unsigned one_size = bit(kind::fixed) | bit(kind::record);

complaint read_escapes(std::string_view value, description& into) {
    for (const auto pair : split(value, '/')) {
        const auto sides = split(pair, ':');
        if (sides.size() != 2) return quote(pair) + " is not WIRE:PLAIN, like 7d01:7d";
        substitution one;
        if (auto wrong = read_bytes(sides[0], one.wire)) return wrong;
        if (auto wrong = read_bytes(sides[1], one.plain)) return wrong;
        into.escapes.push_back(std::move(one));
    }
    return {};
}

std::optional<std::string> write_escapes(const description& from) {
    if (from.escapes.empty()) return {};
    std::string text;
    for (const auto& one : from.escapes) text += (text.empty() ? "" : "/") + to_hex(one.wire) + ":" + to_hex(one.plain);
    return text;
}

complaint read_max(std::string_view value, description& into) {
    into.max = UINT64_MAX;
    return value == "none" ? complaint() : read_size_into(value, *into.max);
}

std::optional<std::string> write_max(const description& from) {
    if (!from.max) return {};
    return *from.max == UINT64_MAX ? "none" : format_size(*from.max);
}

complaint read_number(std::string_view value, std::uint64_t& into) {
    const auto number = parse_unsigned(value);
    if (!number) return quote(value) + " is not a number of bytes";
    into = *number;
    return {};
}

std::optional<std::string> write_number(std::uint64_t number, std::uint64_t usual) {
    return number == usual ? std::nullopt : std::optional(std::to_string(number));
}

// Reads the bits of a length: pairs of hex digits, the most significant one first.
complaint read_bits(std::string_view value, std::uint64_t& into) {
    const auto content = parse_hex(value);
    if (!content || content->empty() || content->size() > sizeof into) {
        return quote(value) + " is not 1 to 8 pairs of hex digits, like 7fffffff";
    }
    into = 0;
    for (const auto byte : *content) into = into << 8 | std::to_integer<std::uint64_t>(byte);
    return {};
}

std::string write_bits(std::uint64_t bits, std::size_t width) {
    bytes content(width);
    for (std::size_t i = 0; i < width; ++i) content[i] = static_cast<std::byte>(bits >> (8 * (width - 1 - i)));
    return to_hex(content);
}

complaint read_mask(std::string_view value, description& into) {
    std::uint64_t bits = 0;
    auto wrong = read_bits(value, bits);
    if (!wrong) into.mask = bits;
    return wrong;
}

complaint read_cover(std::string_view value, description& into) {
    if (value == "payload") return {};
    into.cover = value == "frame" ? 0 : parse_unsigned(value);
    return into.cover ? complaint() : quote(value) + " is neither payload, nor frame, nor the number of its first byte";
}

complaint read_check_order(std::string_view value, description& into) {
    byte_order order{};
    auto wrong = read_word(value, order_words, order);
    if (!wrong) into.check_order = order;
    return wrong;
}

// The options, in the order in which they are printed.
constexpr std::array<framing_option, 20> options{{
    {"start", bit(kind::delimited), [](std::string_view v, description& d) { return read_bytes(v, d.start); },
     [](const description& d) { return d.start.empty() ? std::nullopt : std::optional(write_bytes(d.start)); }},
    {"escape", bit(kind::delimited), read_escapes, write_escapes},
    {"offset", prefixed, [](std::string_view v, description& d) { return read_number(v, d.offset); },
     [](const description& d) { return write_number(d.offset, d.magic.size()); }},
    {"after", prefixed, [](std::string_view v, description& d) { return read_number(v, d.after); },
     [](const description& d) { return write_number(d.after, 0); }},
    {"mask", bit(kind::length), read_mask,
     [](const description& d) { return d.mask ? std::optional(write_bits(*d.mask, d.width)) : std::nullopt; }},
    {"flags", bit(kind::length), [](std::string_view v, description& d) { return read_bits(v, d.flags); },
     [](const description& d) { return d.flags == 0 ? std::nullopt : std::optional(write_bits(d.flags, d.width)); }},
    {"times", bit(kind::length), [](std::string_view v, description& d) { return read_number(v, d.times); },
     [](const description& d) { return write_number(d.times, 1); }},
    {"counts", prefixed, [](std::string_view v, description& d) { return read_word(v, counts_words, d.counts); },
     [](const description& d) {
         return d.counts == counts_rule::body ? std::nullopt : std::optional(write_word(counts_words, d.counts));
     }},
    {"short", prefixed, [](std::string_view v, description& d) { return read_word(v, short_words, d.when_short); },
     [](const description& d) {
         return d.when_short == short_rule::reject ? std::nullopt : std::optional<std::string>("empty");
     }},
    {"header", prefixed | bit(kind::header),
     [](std::string_view v, description& d) { return read_word(v, header_words, d.header); },
     [](const description& d) {
         return d.header == header_rule::strip ? std::nullopt : std::optional(write_word(header_words, d.header));
     }},
    {"magic", prefixed, [](std::string_view v, description& d) { return read_bytes(v, d.magic); },
     [](const description& d) { return d.magic.empty() ? std::nullopt : std::optional(write_bytes(d.magic)); }},
    {"trailer", prefixed, [](std::string_view v, description& d) { return read_bytes(v, d.trailer); },
     [](const description& d) { return d.trailer.empty() ? std::nullopt : std::optional(write_bytes(d.trailer)); }},
    {"overlong", bit(kind::varint) | bit(kind::ber) | bit(kind::digits),
     [](std::string_view v, description& d) { return read_word(v, overlong_words, d.overlong_allowed); },
     [](const description& d) { return d.overlong_allowed ? std::optional<std::string>("allow") : std::nullopt; }},
    {"max", everywhere & ~one_size, read_max, write_max},
    {"oversize", everywhere & ~one_size & ~bit(kind::chunks),
     [](std::string_view v, description& d) { return read_word(v, oversize_words, d.oversize); },
     [](const description& d) {
         return d.oversize == oversize_rule::close ? std::nullopt
                                                   : std::optional(write_word(oversize_words, d.oversize));
     }},
    {"empty", everywhere & ~one_size & ~bit(kind::chunks) & ~bit(kind::idle),
     [](std::string_view v, description& d) { return read_word(v, empty_words, d.empty); },
     [](const description& d) {
         return d.empty == empty_rule::allow ? std::nullopt : std::optional(write_word(empty_words, d.empty));
     }},
    {"end", bit(kind::lines), [](std::string_view v, description& d) { return read_word(v, end_words, d.end); },
     [](const description& d) {
         return d.end == end_rule::truncated ? std::nullopt : std::optional<std::string>("deliver");
     }},
    {"check", everywhere & ~bit(kind::chunks),
     [](std::string_view v, description& d) { return read_word(v, check_words, d.checksum); },
     [](const description& d) {
         return d.checksum == checksum_kind::none ? std::nullopt : std::optional(write_word(check_words, d.checksum));
     }},
    {"cover", everywhere & ~bit(kind::chunks), read_cover,
     [](const description& d) -> std::optional<std::string> {
         if (!d.cover) return {};
         return *d.cover == 0 ? "frame" : std::to_string(*d.cover);
     }},
    {"order", everywhere & ~bit(kind::chunks), read_check_order,
     [](const description& d) {
         return d.check_order ? std::optional(write_word(order_words, *d.check_order)) : std::nullopt;
     }},
}};

}  // namespace

std::span<const framing_option> framing_options() noexcept { return options; }

}  // namespace weir::internal
