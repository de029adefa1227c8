#include "weir/framing/grammar.h"

#include <algorithm>
#include <array>
#include <span>

#include "weir/base/text.h"

namespace weir {
namespace {

using kind = framing_kind;

// An error message, or nothing.
using complaint = std::optional<std::string>;

// Splits the text at each `separator` that is not inside quotes.
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

// Reads one word of a closed list. The value is the index of the word in the list.
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
constexpr word_list2 header_words{"strip", "keep"};
constexpr word_list2 empty_words{"reject", "allow"};
constexpr word_list2 overlong_words{"reject", "allow"};
constexpr word_list2 order_words{"big", "little"};
constexpr std::array<std::string_view, 3> oversize_words{"close", "skip", "stream"};
constexpr std::array<std::string_view, 4> counts_words{"body", "payload", "field", "whole"};
constexpr std::array<std::string_view, 7> check_words{"none",      "xor8",  "sum8",  "crc16-modbus",
                                                      "crc16-x25", "crc32", "crc32c"};

constexpr unsigned bit(kind which) { return 1u << static_cast<unsigned>(which); }
constexpr unsigned everywhere = ~0u;
constexpr unsigned prefixed = bit(kind::length) | bit(kind::varint);
constexpr unsigned one_size = bit(kind::fixed) | bit(kind::record);

// A key, the kinds of framing that have it, and the functions that read and print its value. `write` returns nothing
// for the default value.
struct option {
    std::string_view name;
    unsigned kinds;
    complaint (*read)(std::string_view value, description& into);
    std::optional<std::string> (*write)(const description& from);
};

complaint read_size_into(std::string_view value, std::uint64_t& into) {
    auto size = parse_size(value);
    if (!size) return quote(value) + ": " + std::string(size.error().detail());
    into = *size;
    return {};
}

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

complaint read_offset(std::string_view value, description& into) {
    const auto offset = parse_unsigned(value);
    if (!offset) return quote(value) + " is not a number of bytes";
    into.offset = *offset;
    return {};
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
constexpr std::array<option, 14> options{{
    {"start", bit(kind::delimited), [](std::string_view v, description& d) { return read_bytes(v, d.start); },
     [](const description& d) { return d.start.empty() ? std::nullopt : std::optional(write_bytes(d.start)); }},
    {"escape", bit(kind::delimited), read_escapes, write_escapes},
    {"offset", prefixed, read_offset,
     [](const description& d) {
         return d.offset == d.magic.size() ? std::nullopt : std::optional(std::to_string(d.offset));
     }},
    {"counts", prefixed, [](std::string_view v, description& d) { return read_word(v, counts_words, d.counts); },
     [](const description& d) {
         return d.counts == counts_rule::body ? std::nullopt : std::optional(write_word(counts_words, d.counts));
     }},
    {"header", prefixed, [](std::string_view v, description& d) { return read_word(v, header_words, d.keep_header); },
     [](const description& d) { return d.keep_header ? std::optional<std::string>("keep") : std::nullopt; }},
    {"magic", prefixed, [](std::string_view v, description& d) { return read_bytes(v, d.magic); },
     [](const description& d) { return d.magic.empty() ? std::nullopt : std::optional(write_bytes(d.magic)); }},
    {"overlong", bit(kind::varint),
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
     [](std::string_view v, description& d) { return read_word(v, empty_words, d.empty_allowed); },
     [](const description& d) { return d.empty_allowed ? std::nullopt : std::optional<std::string>("reject"); }},
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

// A name of a framing, and the fields that it sets.
struct name {
    std::string_view text;
    kind which;
    std::uint8_t width = 4;
    byte_order order = byte_order::big;
    std::string_view argument{};  // an example of the argument; empty when there is none
};

constexpr std::array<name, 17> names{{{"lines", kind::lines, 4, byte_order::big, "crlf"},
                                      {"delimited", kind::delimited, 4, byte_order::big, "7e"},
                                      {"fixed", kind::fixed, 4, byte_order::big, "64"},
                                      {"len8", kind::length, 1},
                                      {"len16", kind::length, 2},
                                      {"len24", kind::length, 3},
                                      {"len32", kind::length, 4},
                                      {"len64", kind::length, 8},
                                      {"len16le", kind::length, 2, byte_order::little},
                                      {"len24le", kind::length, 3, byte_order::little},
                                      {"len32le", kind::length, 4, byte_order::little},
                                      {"len64le", kind::length, 8, byte_order::little},
                                      {"varint", kind::varint},
                                      {"netstring", kind::netstring},
                                      {"record", kind::record, 4, byte_order::big, "!I16sf"},
                                      {"chunks", kind::chunks},
                                      {"idle", kind::idle, 4, byte_order::big, "20ms"}}};

// Returns the number of edits (insert, delete, change one character) from one word to the other.
std::size_t distance(std::string_view one, std::string_view other) {
    std::vector<std::size_t> row(other.size() + 1);
    for (std::size_t j = 0; j <= other.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= one.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= other.size(); ++j) {
            const std::size_t changed = diagonal + (one[i - 1] == other[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row.back();
}

std::string unknown(std::string_view what, std::string_view word, std::span<const std::string_view> known) {
    std::string all;
    std::string_view nearest;
    std::size_t best = 3;  // a word with more than two edits is not a typing mistake
    for (const auto one : known) {
        all += (all.empty() ? "" : " ") + std::string(one);
        if (const std::size_t edits = distance(word, one); edits < best) {
            best = edits;
            nearest = one;
        }
    }
    const std::string sentence = "no " + std::string(what) + " is called " + quote(word);
    return nearest.empty() ? sentence + "; there are: " + all
                           : sentence + "; did you mean " + std::string(nearest) + "?";
}

complaint read_marks(std::string_view argument, description& into) {
    for (const auto mark : split(argument, '/')) {
        if (auto wrong = read_bytes(mark, into.marks.emplace_back())) return "end mark: " + *wrong;
    }
    return {};
}

complaint read_argument(const name& named, std::string_view argument, description& into) {
    switch (named.which) {
        case kind::lines:
            if (argument != "crlf") return "lines has one argument, crlf; options follow a comma";
            into.crlf = true;
            return {};
        case kind::delimited: return read_marks(argument, into);
        case kind::fixed: return read_size_into(argument, into.size);
        case kind::record: into.fields = argument; return {};
        case kind::idle: {
            auto gap = parse_duration(argument);
            if (!gap) return quote(argument) + ": " + std::string(gap.error().detail());
            into.gap = *gap;
            return {};
        }
        default: break;
    }
    std::string sentence = std::string(named.text) + " takes no argument";
    if (argument.find('=') != std::string_view::npos) {
        sentence += "; options follow a comma: " + std::string(named.text) + "," + std::string(argument);
    }
    return sentence;
}

complaint read_name(std::string_view word, description& into) {
    const std::size_t colon = word.find(':');
    const std::string_view text = word.substr(0, colon);
    const auto* const named =
        std::find_if(names.begin(), names.end(), [&](const name& one) { return one.text == text; });
    if (named == names.end()) {
        std::array<std::string_view, names.size()> known;
        std::transform(names.begin(), names.end(), known.begin(), [](const name& one) { return one.text; });
        return unknown("framing", text, known);
    }
    into = description(named->which);
    into.width = named->width;
    into.order = named->order;
    if (colon != std::string_view::npos) return read_argument(*named, word.substr(colon + 1), into);
    if (named->argument.empty() || named->which == kind::lines) return {};
    return std::string(text) + " needs an argument, like " + std::string(text) + ":" + std::string(named->argument);
}

// Reads one option. Adds its key to `seen`, which contains the keys that have occurred.
complaint read_option(std::string_view word, std::string_view framing_name, std::vector<std::string_view>& seen,
                      description& into) {
    const std::size_t equals = word.find('=');
    const std::string_view key = word.substr(0, equals);
    const auto* const found =
        std::find_if(options.begin(), options.end(), [&](const option& one) { return one.name == key; });
    if (found == options.end()) {
        if (word.empty()) return "a comma is followed by nothing";
        std::array<std::string_view, options.size()> known;
        std::transform(options.begin(), options.end(), known.begin(), [](const option& one) { return one.name; });
        return unknown("option", key, known);
    }
    if ((found->kinds & bit(into.kind)) == 0) {
        return quote(key) + " does not apply to " + std::string(framing_name);
    }
    if (equals == std::string_view::npos) return std::string(key) + " needs a value: " + std::string(key) + "=...";
    if (std::find(seen.begin(), seen.end(), key) != seen.end()) return std::string(key) + " is given twice";
    seen.push_back(key);
    auto wrong = found->read(word.substr(equals + 1), into);
    if (wrong) return std::string(key) + ": " + *wrong;
    return {};
}

// A field that the name of a framing or its argument sets, and the kind to which the field belongs.
struct said_by_name {
    std::string_view member;
    kind which;
    bool (*is_said)(const description& from);
};

constexpr std::array<said_by_name, 9> by_name{{
    {"crlf", kind::lines, [](const description& d) { return d.crlf; }},
    {"marks", kind::delimited, [](const description& d) { return !d.marks.empty(); }},
    {"size", kind::fixed, [](const description& d) { return d.size != 0; }},
    {"width", kind::length, [](const description& d) { return d.width != description().width; }},
    {"order", kind::length, [](const description& d) { return d.order != byte_order::big; }},
    {"fields", kind::record, [](const description& d) { return !d.fields.empty(); }},
    {"gap", kind::idle, [](const description& d) { return d.gap != duration::zero(); }},
    {"name", kind::custom, [](const description& d) { return !d.name.empty(); }},
    {"own", kind::custom, [](const description& d) { return d.own != nullptr; }},
}};

std::string print_options(const description& fields) {
    std::string text;
    for (const auto& one : options) {
        if (auto value = one.write(fields)) text += "," + std::string(one.name) + "=" + *value;
    }
    return text;
}

}  // namespace

result<description> parse_framing(std::string_view text) {
    const auto refuse = [&](std::string why) {
        return error(errc::malformed, "framing", quote(text, 200), std::move(why));
    };
    if (text.size() > most_framing_text_bytes) return refuse("longer than " + say_size(most_framing_text_bytes));
    const auto words = split(text, ',');
    description fields;
    if (auto wrong = read_name(words[0], fields)) return refuse(*wrong);
    const std::string_view framing_name = words[0].substr(0, words[0].find(':'));
    std::vector<std::string_view> seen;
    for (std::size_t i = 1; i < words.size(); ++i) {
        if (auto wrong = read_option(words[i], framing_name, seen, fields)) return refuse(*wrong);
    }
    // The length follows the magic directly unless offset= is given.
    if (std::find(seen.begin(), seen.end(), "offset") == seen.end()) fields.offset = fields.magic.size();
    if (auto sound = fields.check(); !sound) return refuse(std::string(sound.error().detail()));
    return fields;
}

result<void> check_framing(const description& fields) {
    const auto refuse = [&](std::string why) {
        return error(errc::malformed, "framing", quote(print_framing(fields), 200), std::move(why));
    };
    const auto foreign = [&](std::string_view member) {
        return refuse(quote(member) + " does not apply to this framing");
    };
    for (const auto& one : options) {
        if ((one.kinds & bit(fields.kind)) == 0 && one.write(fields)) return foreign(one.name);
    }
    for (const auto& one : by_name) {
        if (one.which != fields.kind && one.is_said(fields)) return foreign(one.member);
    }
    if (auto sound = fields.check(); !sound) return refuse(std::string(sound.error().detail()));
    if (fields.kind != kind::custom) return {};
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
               c == '.';
    };
    if (fields.name.empty() || !std::all_of(fields.name.begin(), fields.name.end(), plain)) {
        return refuse("the name of a framing is letters, digits, - _ and .");
    }
    if (std::any_of(names.begin(), names.end(), [&](const name& one) { return one.text == fields.name; })) {
        return refuse("this is the name of another framing: " + fields.name);
    }
    return {};
}

std::string print_framing(const description& fields) {
    if (fields.kind == kind::custom) return fields.name + print_options(fields);
    const auto* const named = std::find_if(names.begin(), names.end(), [&](const name& one) {
        return one.which == fields.kind &&
               (one.which != kind::length || (one.width == fields.width && one.order == fields.order));
    });
    // len8le is len8: one byte has no order.
    std::string text(named != names.end() ? named->text : "len8");
    switch (fields.kind) {
        case kind::lines: text += fields.crlf ? ":crlf" : ""; break;
        case kind::delimited:
            for (std::size_t i = 0; i < fields.marks.size(); ++i)
                text += (i == 0 ? ":" : "/") + write_bytes(fields.marks[i]);
            break;
        case kind::fixed: text += ":" + format_size(fields.size); break;
        case kind::record: text += ":" + fields.fields; break;
        case kind::idle: text += ":" + format_duration(fields.gap); break;
        default: break;
    }
    return text + print_options(fields);
}

}  // namespace weir
