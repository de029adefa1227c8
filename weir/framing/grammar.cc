#include "weir/framing/grammar.h"

#include <algorithm>
#include <array>
#include <span>

#include "weir/base/text.h"
#include "weir/framing/internal/grammar_options.h"

namespace weir {
namespace {

using internal::bit;
using internal::complaint;
using internal::framing_option;
using internal::framing_options;
using internal::read_bytes;
using internal::split;
using internal::write_bytes;
using kind = framing_kind;

// The name of a framing: the fields that it sets, and its argument. In a name that ends with N, a number stands for N:
// the digits of the length.
struct name {
    std::string_view text;
    kind which;
    std::uint8_t width = 4;
    byte_order order = byte_order::big;
    std::string_view argument{};  // an example of the argument; empty when there is none
};

constexpr std::array<name, 22> names{{{"lines", kind::lines, 4, byte_order::big, "crlf"},
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
                                      {"ber", kind::ber},
                                      {"decN", kind::decimal},
                                      {"hexN", kind::hex},
                                      {"digits", kind::digits, 4, byte_order::big, "\" \""},
                                      {"header", kind::header, 4, byte_order::big, "Content-Length"},
                                      {"netstring", kind::netstring},
                                      {"record", kind::record, 4, byte_order::big, "!I16sf"},
                                      {"chunks", kind::chunks},
                                      {"idle", kind::idle, 4, byte_order::big, "20ms"}}};

// True for the kinds whose name ends with the number of digits.
constexpr bool has_digits(kind which) { return which == kind::decimal || which == kind::hex; }

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
        case kind::fixed: return internal::read_size_into(argument, into.size);
        case kind::record: into.fields = argument; return {};
        case kind::digits: return read_bytes(argument, into.length_end);
        case kind::header: into.length_name = argument; return {};
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

std::string_view without_digits(std::string_view text) {
    return text.substr(0, text.find_last_not_of("0123456789") + 1);
}

// Returns null when no framing is called `text`.
const name* find_name(std::string_view text) {
    const auto* const found = std::find_if(names.begin(), names.end(), [&](const name& one) {
        return has_digits(one.which) ? one.text.substr(0, one.text.size() - 1) == without_digits(text)
                                     : one.text == text;
    });
    return found == names.end() ? nullptr : found;
}

complaint read_name(std::string_view word, description& into) {
    const std::size_t colon = word.find(':');
    const std::string_view text = word.substr(0, colon);
    const name* const named = find_name(text);
    if (named == nullptr) {
        std::array<std::string_view, names.size()> known;
        std::transform(names.begin(), names.end(), known.begin(), [](const name& one) { return one.text; });
        return unknown("framing", text, known);
    }
    into = description(named->which);
    into.width = named->width;
    into.order = named->order;
    if (has_digits(named->which)) {
        const std::string letters(without_digits(text));
        const auto digits = parse_unsigned(text.substr(letters.size()));
        if (!digits) return letters + " needs the number of its digits, like " + letters + "4";
        into.width = static_cast<std::uint8_t>(std::min<std::uint64_t>(*digits, UINT8_MAX));
    }
    if (colon != std::string_view::npos) return read_argument(*named, word.substr(colon + 1), into);
    if (named->argument.empty() || named->which == kind::lines) return {};
    return std::string(text) + " needs an argument, like " + std::string(text) + ":" + std::string(named->argument);
}

// Reads one option. Adds its key to `seen`, which contains the keys that have occurred.
complaint read_option(std::string_view word, std::string_view framing_name, std::vector<std::string_view>& seen,
                      description& into) {
    const std::size_t equals = word.find('=');
    const std::string_view key = word.substr(0, equals);
    const auto options = framing_options();
    const auto found =
        std::find_if(options.begin(), options.end(), [&](const framing_option& one) { return one.name == key; });
    if (found == options.end()) {
        if (word.empty()) return "a comma is followed by nothing";
        std::vector<std::string_view> known;
        for (const auto& one : options) known.push_back(one.name);
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

// A field that the name or the argument of a text sets, and the kinds to which it belongs.
struct said_by_name {
    std::string_view member;
    unsigned kinds;
    bool (*is_said)(const description& from);
};

constexpr unsigned width_kinds = bit(kind::length) | bit(kind::decimal) | bit(kind::hex);

constexpr std::array<said_by_name, 11> by_name{{
    {"crlf", bit(kind::lines), [](const description& d) { return d.crlf; }},
    {"marks", bit(kind::delimited), [](const description& d) { return !d.marks.empty(); }},
    {"size", bit(kind::fixed), [](const description& d) { return d.size != 0; }},
    {"width", width_kinds, [](const description& d) { return d.width != description().width; }},
    {"order", bit(kind::length), [](const description& d) { return d.order != byte_order::big; }},
    {"length_name", bit(kind::header), [](const description& d) { return !d.length_name.empty(); }},
    {"length_end", bit(kind::digits), [](const description& d) { return !d.length_end.empty(); }},
    {"fields", bit(kind::record), [](const description& d) { return !d.fields.empty(); }},
    {"gap", bit(kind::idle), [](const description& d) { return d.gap != duration::zero(); }},
    {"name", bit(kind::custom), [](const description& d) { return !d.name.empty(); }},
    {"own", bit(kind::custom), [](const description& d) { return d.own != nullptr; }},
}};

std::string print_options(const description& fields) {
    std::string text;
    for (const auto& one : framing_options()) {
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
    for (const auto& one : framing_options()) {
        if ((one.kinds & bit(fields.kind)) == 0 && one.write(fields)) return foreign(one.name);
    }
    for (const auto& one : by_name) {
        if ((one.kinds & bit(fields.kind)) == 0 && one.is_said(fields)) return foreign(one.member);
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
    if (find_name(fields.name) != nullptr) {
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
        case kind::digits: text += ":" + write_bytes(fields.length_end); break;
        case kind::header: text += ":" + fields.length_name; break;
        case kind::decimal:
        case kind::hex: text.replace(text.size() - 1, 1, std::to_string(fields.width)); break;
        default: break;
    }
    return text + print_options(fields);
}

}  // namespace weir
