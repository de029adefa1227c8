// Lines with the size before a message, and frames whose start mark is optional.
#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "planted_announced_reader.h"

namespace planted::announced {
namespace {

using weir::bytes;
using weir::bytes_view;

constexpr std::size_t most_head = 4096;
constexpr std::size_t most_digits = 18;
constexpr std::string_view name_bytes =  // RFC 9110, 5.6.2: a token
    "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

class lines_head : public reader {
public:
    enum class bug {
        none,
        exact_case,
        second_wins,
        line_end_cut,
        blank_line_cut,
        limit_of_line,
        size_of_previous,
        negative,
        longer_name,
        digits_then_text,
        bare_line_feed,
        keep_unread,
        no_limit_in_cut,
    };
    struct shape {
        bool keep = false;
    };

    lines_head(const form& about, shape wire, bug which) : reader(about), wire_(wire), bug_(which) {}

protected:
    step_result head_byte(std::uint8_t next) override;
    std::size_t stripped() const override { return wire_.keep ? 0 : now_.head.size(); }
    bool put_frame(bytes_view payload, std::string& out) const override;

private:
    step_result line(const std::string& content, std::uint64_t begin);
    bool is_size(const std::string& name) const;
    bool read_number(const std::string& value);

    shape wire_;
    bug bug_;
};

constexpr std::string_view size_name = "Content-Length";

reader::step_result lines_head::head_byte(std::uint8_t next) {
    const std::size_t measured = now_.head.size() - (bug_ == bug::limit_of_line ? now_.line_at : 0);
    const bool unlimited = bug_ == bug::no_limit_in_cut && in_piece() < measured;
    if (measured > most_head && !unlimited) return malformed(now_.at - 1);
    if (next != '\n') return std::nullopt;
    const std::uint64_t begin = now_.frame_at + now_.line_at;
    std::string content(now_.head.view().from(now_.line_at).text());
    content.pop_back();
    const bool has_cr = !content.empty() && content.back() == '\r' && !(bug_ == bug::line_end_cut && in_piece() == 1);
    if (has_cr) content.pop_back();
    if (!has_cr && bug_ != bug::bare_line_feed) return malformed(now_.at - 1);
    now_.line_at = now_.head.size();
    if (!content.empty()) return line(content, begin);
    if (bug_ == bug::blank_line_cut && in_piece() < 4) return std::nullopt;
    if (now_.mark != 0 && bug_ != bug::second_wins) return malformed(now_.mark - 1);
    if (!now_.found) {
        if (bug_ != bug::size_of_previous || now_.carried == 0) return malformed(begin);
        now_.number = now_.carried - 1;
    }
    if (bug_ == bug::size_of_previous) now_.carried = now_.number + 1;
    return announce(now_.number, now_.frame_at);
}

// Reads a line without its end. Returns an event only if the line is refused.
reader::step_result lines_head::line(const std::string& content, std::uint64_t begin) {
    const std::size_t colon = std::min(content.find_first_not_of(name_bytes), content.size());
    if (colon == 0 || colon == content.size() || content[colon] != ':') return malformed(begin + colon);
    for (std::size_t i = 0; i < content.size(); ++i) {
        const auto one = static_cast<unsigned char>(content[i]);
        if ((one < ' ' && one != '\t') || one == 0x7f) return malformed(begin + i);
    }
    if (!is_size(content.substr(0, colon))) return std::nullopt;
    // A second size is refused when the head is complete.
    if (now_.found && now_.mark == 0) now_.mark = begin + 1;
    std::string value = content.substr(colon + 1);
    const std::size_t blanks = std::min(value.find_first_not_of(" \t"), value.size());
    value.erase(value.find_last_not_of(" \t") + 1);
    value.erase(0, std::min(blanks, value.size()));
    if (!read_number(value)) {
        if (value.empty()) return malformed(begin + colon + 1 + blanks);
        const std::size_t digits = std::min(value.find_first_not_of("0123456789"), value.size());
        return malformed(begin + colon + 1 + blanks + std::min(digits, most_digits));
    }
    now_.found = true;
    return std::nullopt;
}

bool lines_head::is_size(const std::string& name) const {
    if (bug_ == bug::exact_case) return name == size_name;
    const auto same = [](char one, char other) {
        return std::tolower(static_cast<unsigned char>(one)) == std::tolower(static_cast<unsigned char>(other));
    };
    const std::size_t front = name.size() - std::min(name.size(), size_name.size());
    if (front != 0 && bug_ != bug::longer_name) return false;
    return std::equal(name.begin() + static_cast<std::ptrdiff_t>(front), name.end(), size_name.begin(), size_name.end(),
                      same);
}

bool lines_head::read_number(const std::string& value) {
    if (bug_ == bug::negative) {
        const int number = std::atoi(value.c_str());
        now_.number = number < 0 ? 0 : static_cast<std::uint64_t>(number);
        return true;
    }
    const std::size_t digits = std::min(value.find_first_not_of("0123456789"), value.size());
    if (digits == 0 || digits > most_digits) return false;
    if (digits != value.size() && bug_ != bug::digits_then_text) return false;
    now_.number = std::strtoull(value.c_str(), nullptr, 10);
    return true;
}

bool lines_head::put_frame(bytes_view payload, std::string& out) const {
    if (wire_.keep) {
        out = payload.text();
        return bug_ == bug::keep_unread || decodes_to_itself(payload);
    }
    out = std::string(size_name) + ": " + std::to_string(payload.size()) + "\r\n\r\n" + std::string(payload.text());
    return true;
}

std::vector<bytes> heads() {
    std::string many;
    while (many.size() <= 9000) many += "a: b\r\n";
    return {as_bytes("Content-Length: 1\r\n\r\na"),
            as_bytes("content-LENGTH: 2\r\nX: y\r\n\r\nab"),
            as_bytes("Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
            as_bytes("X: y\r\n\r\n"),
            as_bytes("X-Content-Length: 1\r\n\r\na"),
            as_bytes("Content-Length: 1\r\nX-Content-Length: 3\r\n\r\na"),
            as_bytes("Content-Length: -1\r\n\r\n"),
            as_bytes("Content-Length: 1a\r\n\r\na"),
            as_bytes("Content-Length:   1  \r\n\r\na"),
            as_bytes("Content-Length:1\r\n\r\na"),
            as_bytes("Content-Length: 01\r\n\r\na"),
            as_bytes("Content-Length: +1\r\n\r\na"),
            as_bytes("Content-Length: 1\n\na"),
            as_bytes("Content-Length: 1\r\n\na"),
            as_bytes("Content-Length: 99999\r\n\r\na"),
            as_bytes("Content-Length: 9999999999999999999\r\n\r\na"),
            as_bytes("\r\n"),
            as_bytes("Content-Length:\r\n"),
            as_bytes("Content-Length:  \r\n\r\n"),
            as_bytes("no colon\r\n"),
            as_bytes(": 1\r\n"),
            as_bytes("Content-Length : 1\r\n\r\na"),
            as_bytes("A: b\r\r\xff\r\n"),
            as_bytes("Content-Length: 1 1\r\n"),
            as_bytes(many),
            as_bytes(std::string(5000, 'x'))};
}

sample<lines_head> language_server() {
    return {{"header:Content-Length,max=40", 40, most_head + 1, false},
            {},
            {as_bytes("{\"id\":1}"), as_bytes(""), as_bytes("\r\n\r\n"), as_bytes("a"), as_bytes(std::string(40, 'x'))},
            heads()};
}

sample<lines_head> kept_lines() {
    return {{"header:Content-Length,header=keep,max=200", 200, most_head + 1, true},
            {.keep = true},
            {as_bytes("Content-Length: 1\r\n\r\na"), as_bytes("X: y\r\ncontent-length: 0\r\n\r\n"),
             as_bytes("Content-Length: 173\r\nA:\r\n\r\n" + std::string(173, 'x')),
             as_bytes("Content-Length: 177\r\n\r\n" + std::string(177, 'x'))},
            heads()};
}

class slip : public reader {
public:
    enum class bug {
        none,
        empty_in_cut,
        place_without_empty,
        escape_cut,
        escape_before_end,
        start_required,
        marks_collected,
        limit_on_wire,
        open_is_truncated,
        encodes_empty,
    };
    struct shape {};

    slip(const form& about, shape, bug which) : reader(about), bug_(which) {}

protected:
    step_result head_byte(std::uint8_t next) override;
    void piece_begins() override {
        if (bug_ == bug::escape_cut) now_.escaped = false;
    }
    bool partial() const override {
        return now_.escaped || !now_.body.empty() || (bug_ == bug::open_is_truncated && now_.mark == 1);
    }
    bool put_frame(bytes_view payload, std::string& out) const override;

private:
    step_result mark();
    step_result plain(std::uint8_t next, std::uint64_t place);

    bug bug_;
};

constexpr std::uint8_t end_mark = 0xc0;
constexpr std::uint8_t escape = 0xdb;

// The whole frame is a head; the plain bytes are in the body.
reader::step_result slip::head_byte(std::uint8_t next) {
    if (bug_ != bug::marks_collected || next != end_mark) now_.head.clear();
    if (now_.escaped) {
        if (bug_ == bug::escape_before_end && next == end_mark) return now_.escaped = false, mark();
        now_.escaped = false;
        if (next == 0xdc) return plain(end_mark, now_.at - 2);
        if (next == 0xdd) return plain(escape, now_.at - 2);
        return malformed(now_.at - 2 - (bug_ == bug::place_without_empty ? now_.carried : 0));
    }
    if (next == end_mark) return mark();
    if (bug_ == bug::start_required && now_.mark == 0 && now_.body.empty()) return malformed(now_.at - 1);
    if (next == escape) {
        now_.escaped = true;
        return std::nullopt;
    }
    return plain(next, now_.at - 1);
}

reader::step_result slip::mark() {
    if (!now_.body.empty()) {
        if (bug_ == bug::marks_collected) now_.head.clear();
        return deliver();
    }
    ++now_.mark;
    if (bug_ == bug::place_without_empty && now_.mark > 1) ++now_.carried;
    if (bug_ == bug::empty_in_cut && now_.mark == 2 && in_piece() == 1) return deliver();
    if (bug_ != bug::open_is_truncated && bug_ != bug::start_required && bug_ != bug::place_without_empty &&
        bug_ != bug::empty_in_cut)
        now_.mark = 0;
    return std::nullopt;
}

reader::step_result slip::plain(std::uint8_t next, std::uint64_t place) {
    const std::size_t size = now_.body.size() + (bug_ == bug::limit_on_wire ? now_.line_at : 0);
    if (size >= limit()) return fail(weir::errc::too_large, place);
    now_.body.append(next);
    if (bug_ == bug::limit_on_wire && (next == end_mark || next == escape)) ++now_.line_at;
    return std::nullopt;
}

bool slip::put_frame(bytes_view payload, std::string& out) const {
    if (payload.empty() && bug_ != bug::encodes_empty) return false;
    out.push_back(static_cast<char>(end_mark));
    for (const std::byte one : payload) {
        if (one == std::byte{end_mark}) out += "\xdb\xdc";
        else if (one == std::byte{escape}) out += "\xdb\xdd";
        else out.push_back(static_cast<char>(one));
    }
    out.push_back(static_cast<char>(end_mark));
    return true;
}

sample<slip> both_marks() {
    return {{"delimited:c0,start=c0,escape=dbdc:c0/dbdd:db,empty=skip,max=40", 40, 48, false},
            {},
            {as_bytes("hello"), as_bytes(""), as_bytes("a"), bytes{0xc0}, bytes{0xdb, 0xdc},
             as_bytes(std::string(40, 'x')), as_bytes(std::string(40, '\xc0'))},
            {bytes{0xc0}, bytes{0xc0, 0xc0}, bytes{'a', 0xc0}, bytes{0xdb, 0xc0}, bytes{0xdb, 'a'}, bytes{0xdb},
             bytes{0xc0, 'a', 'b', 0xc0}, bytes{0xdb, 0xdc, 0xc0}, as_bytes(std::string(41, 'y')),
             as_bytes(std::string(200, '\xc0'))}};
}

}  // namespace

void plant_header(std::vector<announced_case>& bugs, std::vector<announced_case>& sound) {
    using enum lines_head::bug;
    const auto add = [&](const sample<lines_head>& from, lines_head::bug which, const char* said,
                         judge by = judge::laws) { bugs.push_back(plant(from, which, said, by)); };
    add(language_server(), exact_case, "names are compared with case", judge::weir);
    // A map of fields: the last value replaces the first.
    add(language_server(), second_wins, "the second of two sizes counts", judge::weir);
    // LF at the front of a piece: the byte before it is in the old buffer.
    add(language_server(), line_end_cut, "CR and LF in two pieces do not end a line");
    // memmem(piece, "\r\n\r\n").
    add(language_server(), blank_line_cut, "a cut inside the blank line hides it");
    // The size of a line is limited, but not the number of lines.
    add(language_server(), limit_of_line, "the limit of a head counts one line");
    // Only the first piece of a head is compared with the limit.
    add(language_server(), no_limit_in_cut, "the limit of a head counts one piece");
    // The parsed size is a member, which nothing resets.
    add(language_server(), size_of_previous, "a head without a size has that of the message before");
    // atoi(), and a comparison with max as int.
    add(language_server(), negative, "a negative size is an empty message", judge::weir);
    // strcasestr() finds the name in X-Content-Length.
    add(language_server(), longer_name, "a field whose name ends in the name counts", judge::weir);
    // strtoull(), with a null pointer for the end.
    add(language_server(), digits_then_text, "text after the digits is ignored", judge::weir);
    add(language_server(), bare_line_feed, "LF without CR ends a line", judge::weir);
    // The program is trusted to set the size.
    add(kept_lines(), keep_unread, "the encoder sends a kept head that it has not read");
    for (const auto& from : {language_server(), kept_lines()}) sound.push_back(plant(from, none, ""));
}

void plant_slip(std::vector<announced_case>& bugs, std::vector<announced_case>& sound) {
    using enum slip::bug;
    const auto add = [&](slip::bug which, const char* said, judge by = judge::laws) {
        bugs.push_back(plant(both_marks(), which, said, by));
    };
    // The fast path drops empty frames; the code for the front of a piece does not.
    add(empty_in_cut, "an empty frame over a cut is a message");
    // The offset is the sum of the sizes of the returned frames.
    add(place_without_empty, "the place of an error does not count dropped frames", judge::weir);
    add(escape_cut, "an escape byte at the end of a piece is forgotten");
    // The end mark is searched before the stuffing is read.
    add(escape_before_end, "an escape byte before an end mark is dropped", judge::weir);
    // Peers that send one mark between two frames are refused.
    add(start_required, "a frame without a start mark is refused", judge::weir);
    // The frame is collected with its marks until something is inside.
    add(marks_collected, "marks without a message are collected");
    add(limit_on_wire, "the limit counts stuffed bytes twice");
    // A start mark at the end of the stream is an open frame, although it may be an empty one.
    add(open_is_truncated, "a stream that ends after a start mark is truncated", judge::weir);
    // The encoder does not look at empty=skip.
    add(encodes_empty, "the encoder sends empty messages that the decoder drops");
    sound.push_back(plant(both_marks(), none, ""));
}

}  // namespace planted::announced
