#include "tool/explain/dump_input.h"

#include <fmt/format.h>

#include <algorithm>

#include <weir/base/text.h>

#include "tool/command/talk.h"

namespace weir_tool {
namespace {

constexpr std::size_t longest_line_bytes = 64 * 1024;
constexpr std::uint64_t longest_repeat_bytes = 16 * 1024 * 1024;

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::size_t digits_at(std::string_view text) {
    const auto* const end = std::find_if(text.begin(), text.end(), [](char c) { return hex_digit(c) < 0; });
    return static_cast<std::size_t>(end - text.begin());
}

std::uint64_t hex_number(std::string_view digits) {
    std::uint64_t number = 0;
    for (const char c : digits) number = number << 4 | static_cast<unsigned>(hex_digit(c));
    return number;
}

struct dump_line {
    std::optional<std::uint64_t> offset{};
    weir::bytes content{};
    bool star = false;
};

// Reads words of hex digits in pairs, separated by single or double spaces. Returns false for anything else.
bool read_pairs(std::string_view text, weir::bytes& into, bool one_byte_a_word) {
    while (!text.empty()) {
        if (text.front() == ' ' || text.front() == '\t') {
            text.remove_prefix(1);
            continue;
        }
        const std::size_t digits = digits_at(text);
        if (digits == 0 || digits % 2 != 0 || (one_byte_a_word && digits != 2)) return false;
        into.append(*weir::parse_hex(text.substr(0, digits)));
        text.remove_prefix(digits);
    }
    return true;
}

std::optional<dump_line> read_line(std::string_view line, dump_kind kind) {
    dump_line read;
    if (kind == dump_kind::plain) return read_pairs(line, read.content, false) ? std::optional(read) : std::nullopt;
    if (line == "*") {
        read.star = true;
        return read;
    }
    const std::size_t digits = digits_at(line);
    if (digits < 6 || digits > 16) return {};
    read.offset = hex_number(line.substr(0, digits));
    line.remove_prefix(digits);
    if (kind == dump_kind::xxd) {
        if (!line.starts_with(": ")) return {};
        line.remove_prefix(2);
        line = line.substr(0, line.find("  "));  // the text column follows
    } else {
        if (!line.empty() && line.front() != ' ') return {};
        const char text_begins = kind == dump_kind::canonical ? '|' : '>';
        if (kind == dump_kind::canonical && !line.empty() && !line.starts_with("  ")) return {};
        line = line.substr(0, line.find(text_begins));
    }
    return read_pairs(line, read.content, kind != dump_kind::xxd) ? std::optional(read) : std::nullopt;
}

std::optional<dump_kind> kind_of(std::string_view line) {
    while (line.ends_with('\r') || line.ends_with(' ')) line.remove_suffix(1);
    for (const auto kind : {dump_kind::xxd, dump_kind::canonical, dump_kind::od, dump_kind::plain}) {
        const auto read = read_line(line, kind);
        if (!read || read->star || read->content.empty()) continue;
        if (kind != dump_kind::plain && *read->offset != 0) continue;
        return kind;
    }
    return {};
}

}  // namespace

std::string_view name_of(dump_kind kind) noexcept {
    switch (kind) {
        case dump_kind::raw: return "raw bytes";
        case dump_kind::plain: return "plain hex";
        case dump_kind::xxd: return "a dump by xxd";
        case dump_kind::canonical: return "a dump by hexdump -C";
        case dump_kind::od: return "a dump by od -Ax -tx1";
    }
    return "";
}

std::optional<dump_kind> recognise_dump(weir::bytes_view beginning, bool ended) {
    std::string_view text = beginning.text();
    while (text.starts_with('\n') || text.starts_with("\r\n")) text.remove_prefix(text.front() == '\n' ? 1 : 2);
    const std::size_t line_feed = text.find('\n');
    if (line_feed != std::string_view::npos || ended) {
        return text.empty() ? dump_kind::raw : kind_of(text.substr(0, line_feed)).value_or(dump_kind::raw);
    }
    // An incomplete first line may belong to a dump if it begins like an offset or like pairs of digits.
    const std::size_t digits = digits_at(text);
    const bool may_be = digits == text.size() || (digits >= 2 && (text[digits] == ' ' || text[digits] == ':'));
    const bool printable =
        std::all_of(text.begin(), text.end(), [](char c) { return (c >= ' ' && c <= '~') || c == '\t'; });
    if (may_be && printable && text.size() <= longest_line_bytes) return {};
    return dump_kind::raw;
}

std::string dump_reader::refuse(std::string_view line) const {
    return fmt::format("line {} of the input, {}, is not a line of {}; use --in raw if the input is not a dump",
                       number_, show(line), name_of(kind_));
}

std::string dump_reader::take_line(std::string_view line, weir::buffer& out) {
    ++number_;
    while (line.ends_with('\r') || line.ends_with(' ') || line.ends_with('\t')) line.remove_suffix(1);
    if (line.empty()) return {};
    if (!started_) {
        if (const auto known = kind_of(line)) kind_ = *known;
    }
    const auto read = read_line(line, kind_);
    if (!read) return refuse(line);
    if (read->star) {
        repeats_ = true;
        return started_ ? std::string() : refuse(line);
    }
    if (read->offset) {
        if (repeats_ && !last_.empty()) {
            if (*read->offset < at_ || *read->offset - at_ > longest_repeat_bytes) {
                return fmt::format("line {} of the input: a repeat up to offset {}; a repeat has at most {}", number_,
                                   *read->offset, weir::say_size(longest_repeat_bytes));
            }
            for (; at_ + last_.size() <= *read->offset; at_ += last_.size()) out.append(last_);
        }
        repeats_ = false;
        if (started_ && *read->offset != at_) {
            return fmt::format(
                "line {} of the input begins at offset {}, but the bytes before it end at {}: some are missing",
                number_, *read->offset, at_);
        }
        at_ = *read->offset;
    }
    started_ = true;
    at_ += read->content.size();
    out.append(read->content);
    if (!read->content.empty()) last_ = read->content;
    return {};
}

std::string dump_reader::feed(weir::bytes_view text, weir::buffer& out) {
    std::string_view rest = text.text();
    for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
        line_ += rest.substr(0, end);
        rest.remove_prefix(end + 1);
        if (auto wrong = take_line(line_, out); !wrong.empty()) return wrong;
        line_.clear();
    }
    line_ += rest;
    // Takes a long line of plain hex in parts, as it arrives.
    if (kind_ == dump_kind::plain) {
        const std::size_t last_space = line_.find_last_of(" \t");
        std::size_t whole = last_space == std::string::npos ? line_.size() / 2 * 2 : last_space;
        if (line_.size() < longest_line_bytes) whole = 0;
        if (whole != 0) {
            if (auto wrong = take_line(std::string_view(line_).substr(0, whole), out); !wrong.empty()) return wrong;
            --number_;
            line_.erase(0, whole);
        }
    }
    return line_.size() > 2 * longest_line_bytes
               ? fmt::format("line {} of the input is too long for a dump", number_ + 1)
               : std::string();
}

std::string dump_reader::finish(weir::buffer& out) {
    if (line_.empty()) return {};
    const std::string line = std::move(line_);
    line_.clear();
    return take_line(line, out);
}

}  // namespace weir_tool
