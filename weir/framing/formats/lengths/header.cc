#include "weir/framing/formats/lengths/header.h"

#include <algorithm>
#include <optional>

#include "weir/base/text.h"

namespace weir::internal {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

bool is_control(char c) { return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f'; }

// The characters of a name: those of a token of HTTP (RFC 9110, 5.6.2).
bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

char in_small_letters(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equal_without_case(std::string_view one, std::string_view other) {
    return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                      [](char a, char b) { return in_small_letters(a) == in_small_letters(b); });
}

}  // namespace

header_format::header_format(const description& fields)
    : format(fast_path(fast_path::kind::whole)), name_(fields.length_name) {}

header_format::field header_format::read_field(bytes_view line) const noexcept {
    const std::string_view text = line.text();
    std::size_t end = 0;
    while (end != text.size() && is_name_character(text[end])) ++end;
    if (end == 0 || end == text.size() || text[end] != ':') return {field::what::wrong_name, end, 0};
    // Another parser might end the line at such a character (RFC 9112, 2.2; RFC 9110, 5.5).
    const auto control = std::find_if(text.begin(), text.end(), is_control);
    if (control != text.end()) {
        return {field::what::control, static_cast<std::size_t>(control - text.begin()), 0};
    }
    if (!equal_without_case(text.substr(0, end), name_)) return {field::what::other, end, 0};
    std::size_t begin = end + 1;
    std::size_t behind = text.size();
    while (begin != behind && is_blank(text[begin])) ++begin;
    while (behind != begin && is_blank(text[behind - 1])) --behind;
    std::uint64_t size = 0;
    for (std::size_t i = begin; i != behind; ++i) {
        const auto digit = static_cast<unsigned>(text[i] - '0');
        if (digit > 9 || i - begin == most_length_digits) return {field::what::wrong_size, i, 0};
        size = size * 10 + digit;
    }
    if (begin == behind) return {field::what::wrong_size, begin, 0};
    return {field::what::size, end, size};
}

verdict header_format::measure(const frame_bytes& frame, std::uint64_t& looked) const {
    const std::string_view seen = frame.content.text().substr(0, most_header_bytes);
    const std::size_t fresh = std::min(frame.searched, seen.size());
    const auto look_to = [&](std::size_t end) { looked += end - std::min(fresh, end); };
    for (std::size_t lf = seen.find('\n', fresh); lf != std::string_view::npos; lf = seen.find('\n', lf + 1)) {
        if (lf == 0 || seen[lf - 1] != '\r') {
            look_to(lf + 1);
            return verdict::broken(lf);
        }
        const std::size_t before = lf < 2 ? std::string_view::npos : seen.rfind('\n', lf - 2);
        const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
        const bytes_view line(seen.substr(begin, lf - 1 - begin));
        if (!line.empty()) {
            const field found = read_field(line);
            if (found.what < field::what::wrong_name) continue;
            look_to(lf + 1);
            return verdict::broken(begin + found.place);
        }
        // The empty line. All lines before it are well-formed. A second field with the length is found only now, so
        // that no byte is examined more than three times.
        look_to(lf + 1);
        looked += 2 * begin;  // the lines were read when they ended, and are read now
        std::optional<std::uint64_t> size;
        for (std::size_t at = 0; at != begin;) {
            const std::size_t end = seen.find('\n', at);
            const field found = read_field(bytes_view(seen.substr(at, end - 1 - at)));
            if (found.what == field::what::size && size) return verdict::broken(at);
            if (found.what == field::what::size) size = found.size;
            at = end + 1;
        }
        return size ? verdict::frame(lf + 1, *size, 0) : verdict::broken(begin);
    }
    look_to(seen.size());
    if (frame.content.size() > most_header_bytes) return verdict::broken(most_header_bytes);
    return verdict::more(seen.size() + 1);
}

std::string header_format::explain(bytes_view frame, std::uint64_t place) const {
    if (place == most_header_bytes) return "a header is longer than " + say_size(most_header_bytes);
    const std::string_view text = frame.text();
    const auto at = static_cast<std::size_t>(place);
    if (text[at] == '\n') return "a line of a header ends in LF without CR before it";
    if (text.substr(at).starts_with("\r\n") && (at == 0 || text[at - 1] == '\n')) return "a header has no " + name_;
    const std::size_t before = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
    const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
    const bytes_view line(text.substr(begin, text.find("\r\n", at) - begin));
    switch (const field found = read_field(line); found.what) {
        case field::what::wrong_name: return "a line of a header is not a name and a colon: " + quote(line, 60);
        case field::what::wrong_size:
            return "the " + name_ + " is not 1 to " + std::to_string(most_length_digits) +
                   " decimal digits: " + quote(line, 60);
        case field::what::control:
            return "a line of a header has the control character " + to_hex(frame.part(at, 1)) + ": " + quote(line, 60);
        default: return "a header has a second " + name_ + ": " + quote(line, 60);
    }
}

std::uint64_t header_format::announced(bytes_view header) const {
    const std::string_view text = header.text();
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find("\r\n", at), text.size());
        const field found = read_field(bytes_view(text.substr(at, end - at)));
        if (found.what == field::what::size) return found.size;
        at = end + 2;
    }
    return 0;
}

void header_format::put_header(std::uint64_t body_size, buffer& out) const {
    out.append(name_ + ": " + std::to_string(body_size) + "\r\n\r\n");
}

}  // namespace weir::internal
