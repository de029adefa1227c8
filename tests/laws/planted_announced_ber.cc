// Lengths of ASN.1, and lengths as text.
#include <algorithm>
#include <cstdlib>

#include "planted_announced_reader.h"

namespace planted::announced {
namespace {

using weir::bytes;
using weir::bytes_view;

class ber : public reader {
public:
    enum class bug {
        none,
        restarts_in_cut,
        not_minimal,
        zero_in_front,
        indefinite,
        negative,
        upper_half_lost,
        nine_bytes,
        long_form_at_127,
        endless,
        keeps_only_last_piece,
        tag_of_peer,
    };
    struct shape {
        std::uint8_t magic = 0;  // 0: there is none; otherwise the message has its head
    };

    ber(const form& about, shape wire, bug which) : reader(about), wire_(wire), bug_(which) {}

protected:
    step_result head_byte(std::uint8_t next) override;
    std::size_t stripped() const override {
        if (wire_.magic == 0) return now_.head.size();
        return now_.mark;
    }
    void piece_begins() override;
    bool put_frame(bytes_view payload, std::string& out) const override;

private:
    std::size_t magic_bytes() const { return wire_.magic == 0 ? 0 : 1; }

    shape wire_;
    bug bug_;
};

void ber::piece_begins() {
    if (now_.where != stage::head) return;
    // The first of the cut length bytes is at the front of the piece.
    if (bug_ == bug::restarts_in_cut) now_.number = 0;
    if (bug_ == bug::keeps_only_last_piece) now_.mark = now_.head.size();
}

reader::step_result ber::head_byte(std::uint8_t next) {
    const std::size_t length_at = magic_bytes();
    if (now_.head.size() <= length_at) {
        if (next != wire_.magic && bug_ != bug::tag_of_peer) return malformed(now_.at - 1);
        return std::nullopt;
    }
    const std::uint64_t begin = now_.frame_at + length_at;
    const std::size_t had = now_.head.size() - length_at;
    if (had == 1) {
        if (next < 0x80) return announce(next, begin);
        if (next == 0x80) return bug_ == bug::indefinite ? announce(0, begin) : malformed(now_.at - 1);
        const bool too_many = next > 0x88 && bug_ != bug::endless && !(bug_ == bug::nine_bytes && next == 0x89);
        if (too_many) return malformed(now_.at - 1);
        return std::nullopt;
    }
    const std::size_t count = std::to_integer<std::size_t>(now_.head[length_at]) & 0x7f;
    now_.number = now_.number << 8 | next;
    if (had <= count) return std::nullopt;
    if (bug_ == bug::endless && count > 8) return malformed(begin);
    const bool zero_first = now_.head[length_at + 1] == std::byte{0} && bug_ != bug::zero_in_front;
    const bool minimal = now_.number >= 0x80 && !zero_first;
    if (!minimal && bug_ != bug::not_minimal) return malformed(now_.at - 1);
    if (bug_ == bug::negative) {
        const auto number = static_cast<std::int32_t>(static_cast<std::uint32_t>(now_.number));
        if (number < 0) return announce(0, begin);
    }
    if (bug_ == bug::upper_half_lost) now_.number = static_cast<std::uint32_t>(now_.number);
    return announce(now_.number, begin);
}

bool ber::put_frame(bytes_view payload, std::string& out) const {
    if (wire_.magic != 0) {
        out = payload.text();
        return decodes_to_itself(payload);
    }
    const std::size_t size = payload.size();
    const std::size_t most_short = bug_ == bug::long_form_at_127 ? 126 : 127;
    if (size > most_short) {
        std::string digits;
        for (std::size_t rest = size; rest != 0; rest >>= 8) digits.insert(digits.begin(), static_cast<char>(rest));
        out.push_back(static_cast<char>(0x80 + digits.size()));
        out += digits;
    } else {
        out.push_back(static_cast<char>(size));
    }
    out += payload.text();
    return true;
}

std::vector<bytes> ber_lengths() {
    return {bytes{0x81, 0x80},
            bytes{0x81, 5},
            bytes{0x82, 0, 0xff},
            bytes{0x80},
            bytes{0x83, 0, 1},
            bytes{0x81, 0x7f},
            bytes{0x84, 0xff, 0, 0, 0},
            bytes{0x89, 1, 0, 0, 0, 0, 0, 0, 0, 0},
            bytes{0x81, 0xff},
            bytes{0x82, 1},
            bytes{0x82, 1, 0x2c},
            bytes{0x89, 1, 0, 0, 0, 0, 0, 0, 0, 1},
            bytes{0xff},
            bytes{0x82, 1, 45},
            bytes{0x84, 0xff, 0xff, 0xff, 0xff},
            as_bytes(raw({0x89, 1, 0, 0, 0, 0, 0, 0, 0, 0x80}) + std::string(128, 'x')),
            bytes{0x85, 1, 0, 0, 0, 5, 'h', 'e', 'l', 'l', 'o'}};
}

sample<ber> plain_ber() {
    return {{"ber,max=300", 300, 10, true},
            {},
            {as_bytes("hello"), as_bytes("four"), as_bytes(""), as_bytes(std::string(127, 'm')),
             as_bytes(std::string(128, 'n')), as_bytes(std::string(255, 'o')), as_bytes(std::string(300, 'x'))},
            ber_lengths()};
}

sample<ber> small_ber() {
    return {{"ber,max=16", 16, 10, true}, {}, {as_bytes("hello"), as_bytes(""), as_bytes("a")}, ber_lengths()};
}

sample<ber> sequence() {
    std::vector<bytes> parts{bytes{0x30, 0}, bytes{0x31, 1, 1}, bytes{0x30, 2, 2, 0}, bytes{0x30, 0x81, 1, 9}};
    for (const auto& length : ber_lengths()) parts.push_back(as_bytes("0" + std::string(length.text())));
    return {{"ber,magic=30,header=keep,max=300", 300, 11, true},
            {.magic = 0x30},
            {bytes{0x30, 3, 2, 1, 5}, bytes{0x30, 0}, as_bytes(raw({0x30, 0x81, 200}) + std::string(200, 'x')),
             as_bytes(raw({0x30, 0x82, 1, 40}) + std::string(296, 'y'))},
            std::move(parts)};
}

class text_length : public reader {
public:
    enum class bug {
        none,
        short_wraps,
        flush_repeats_size,
        read_by_strtoul,
        small_letters_only,
        buffer_of_piece,
        zeros_in_front,
        plus_sign,
        wraps,
        no_digits,
        endless,
        kept_after_cut,
        end_cut,
        any_end,
        blanks_in_front,
    };
    struct shape {
        unsigned base = 10;
        std::size_t width = 0;  // 0: an end mark follows the digits
        std::string_view end = {};
        std::string_view magic = {};
        std::string_view trailer = {};
        bool whole_and_short = false;  // counts=whole,short=empty
    };

    text_length(const form& about, shape wire, bug which) : reader(about), wire_(wire), bug_(which) {}

protected:
    step_result head_byte(std::uint8_t next) override;
    event complete() override;
    bytes_view trailer() const override { return wire_.trailer; }
    void piece_begins() override;
    bool put_frame(bytes_view payload, std::string& out) const override;

private:
    step_result digit(std::uint8_t next);
    step_result end_byte(std::uint8_t next);
    step_result number_read();
    int value_of(std::uint8_t next) const;

    shape wire_;
    bug bug_;
};

void text_length::piece_begins() {
    if (now_.where == stage::head && bug_ == bug::buffer_of_piece) {
        now_.head.clear();
        now_.number = 0;
    }
    if (now_.where == stage::body && bug_ == bug::kept_after_cut) now_.mark = 1;
    if (now_.where == stage::head && bug_ == bug::end_cut) now_.mark = 1;
}

// Returns -1 if the byte is no digit.
int text_length::value_of(std::uint8_t next) const {
    if (next >= '0' && next <= '9') return next - '0';
    if (wire_.base == 16 && next >= 'a' && next <= 'f') return next - 'a' + 10;
    if (wire_.base == 16 && next >= 'A' && next <= 'F' && bug_ != bug::small_letters_only) return next - 'A' + 10;
    return -1;
}

reader::step_result text_length::head_byte(std::uint8_t next) {
    const std::size_t had = now_.head.size();
    if (had <= wire_.magic.size()) {
        if (next != static_cast<std::uint8_t>(wire_.magic[had - 1])) return malformed(now_.at - 1);
        return std::nullopt;
    }
    if (now_.line_at == 0) return digit(next);
    return end_byte(next);
}

reader::step_result text_length::digit(std::uint8_t next) {
    const std::size_t had = now_.head.size() - wire_.magic.size();
    if (bug_ == bug::read_by_strtoul) {
        if (had < wire_.width) return std::nullopt;
        now_.number = std::strtoul(std::string(now_.head.text()).c_str(), nullptr, static_cast<int>(wire_.base));
        return number_read();
    }
    const int value = value_of(next);
    if (value < 0) {
        if (bug_ == bug::plus_sign && had == 1 && next == '+') return std::nullopt;
        if (bug_ == bug::blanks_in_front && had == 1 && next == ' ') return now_.head.clear(), std::nullopt;
        if (wire_.width != 0 || (had == 1 && bug_ != bug::no_digits)) return malformed(now_.at - 1);
        return end_byte(next);
    }
    if (wire_.width == 0 && had == 19 && bug_ != bug::endless) return malformed(now_.at - 1);
    now_.number = now_.number * wire_.base + static_cast<std::uint64_t>(value);
    if (bug_ == bug::wraps) now_.number = static_cast<std::uint32_t>(now_.number);
    if (had == wire_.width) return number_read();
    return std::nullopt;
}

// now_.line_at is the number of bytes of the end mark that were read.
reader::step_result text_length::end_byte(std::uint8_t next) {
    const std::size_t place = now_.line_at;
    const bool unread = bug_ == bug::any_end || (bug_ == bug::end_cut && now_.mark == 1 && place != 0);
    if (next != static_cast<std::uint8_t>(wire_.end[place]) && !unread) return malformed(now_.at - 1);
    if (++now_.line_at < wire_.end.size()) return std::nullopt;
    const std::size_t digits = now_.head.size() - wire_.magic.size() - wire_.end.size();
    const bool zero_first = digits > 1 && now_.head[wire_.magic.size()] == std::byte{'0'};
    if (zero_first && bug_ != bug::zeros_in_front) return malformed(now_.at - 1);
    if (digits > 18 && bug_ == bug::endless) return malformed(now_.frame_at + wire_.magic.size());
    return number_read();
}

reader::step_result text_length::number_read() {
    const std::uint64_t begin = now_.frame_at + wire_.magic.size();
    if (!wire_.whole_and_short) return announce(now_.number, begin);
    if (now_.number < wire_.width) {
        if (bug_ == bug::short_wraps && now_.number != 0) return fail(weir::errc::too_large, begin);
        return announce(bug_ == bug::flush_repeats_size ? now_.carried : 0, begin);
    }
    now_.carried = bug_ == bug::flush_repeats_size ? now_.number - wire_.width : 0;
    return announce(now_.number - wire_.width, begin);
}

reader::event text_length::complete() {
    if (bug_ != bug::kept_after_cut || now_.mark == 0) return deliver();
    const std::uint64_t number = now_.number;
    const event whole = deliver();
    now_.number = number;
    return whole;
}

bool text_length::put_frame(bytes_view payload, std::string& out) const {
    std::uint64_t number = payload.size() + (wire_.whole_and_short ? wire_.width : 0);
    std::string digits;
    for (; number != 0 || digits.size() < std::max<std::size_t>(wire_.width, 1); number /= wire_.base)
        digits.insert(digits.begin(), "0123456789abcdef"[number % wire_.base]);
    for (const std::string_view one : {wire_.magic, std::string_view(digits), wire_.end, payload.text(), wire_.trailer})
        out += one;
    return true;
}

std::vector<bytes> some_text(std::size_t most) {
    return {as_bytes("hello"), as_bytes(""),     as_bytes("a"),
            as_bytes("0"),     as_bytes("12 3"), as_bytes(std::string(most, 'x'))};
}

sample<text_length> pkt_line() {
    return {{"hex4,counts=whole,short=empty,max=40", 40, 4, false},
            {.base = 16, .width = 4, .whole_and_short = true},
            some_text(40),
            {as_bytes("0000"), as_bytes("0001"), as_bytes("0003"), as_bytes("000Aabcdef"), as_bytes(" 005a"),
             as_bytes("+005a"), as_bytes("0x05a"), as_bytes("002d"), as_bytes("-001"), as_bytes("ffff")}};
}

sample<text_length> three_digits() {
    return {{"dec3,max=40", 40, 3, true},
            {.width = 3},
            some_text(40),
            {as_bytes("005abcde"), as_bytes(" 5a"), as_bytes("+05abcde"), as_bytes("041"), as_bytes("05x"),
             as_bytes("00")}};
}

sample<text_length> syslog() {
    return {{"digits:\" \",max=300", 300, 20, true},
            {.end = " "},
            some_text(300),
            {as_bytes("5 abcde"), as_bytes("05 abcde"), as_bytes("00 "), as_bytes(" "), as_bytes("+5 abcde"),
             as_bytes("5,abcde"), as_bytes("301 "), as_bytes(std::string(19, '9')), as_bytes("4294967297 a"),
             as_bytes("18446744073709551617 a"), as_bytes(std::string(400, '1')), as_bytes(" 1 a"),
             as_bytes("999999999999999999 a"), as_bytes("-1 a"), as_bytes("0000000000000000001 a")}};
}

sample<text_length> bulk_string() {
    return {{"digits:\"\\r\\n\",magic=24,trailer=0d0a,max=40", 40, 24, true},
            {.end = "\r\n", .magic = "$", .trailer = "\r\n"},
            some_text(40),
            {as_bytes("$1\r\na\r\n"), as_bytes("$1\ra\r\n"), as_bytes("$1\na\r\n"), as_bytes("$-1\r\n"),
             as_bytes("$01\r\na\r\n"), as_bytes("*1\r\n"), as_bytes("$41\r\n"), as_bytes("$1\r\nab\r\n"),
             as_bytes("$\r\n\r\n")}};
}

}  // namespace

void plant_ber(std::vector<announced_case>& bugs, std::vector<announced_case>& sound) {
    using enum ber::bug;
    const auto add = [&](const sample<ber>& from, ber::bug which, const char* said, judge by = judge::laws) {
        bugs.push_back(plant(from, which, said, by));
    };
    // The number is a local variable of the read callback: 82 01 | 2c is read as 2c.
    add(plain_ber(), restarts_in_cut, "the length bytes of an earlier piece are lost");
    // No test compares the number with the form.
    add(plain_ber(), not_minimal, "the long form of a short length is taken");
    // number >= 128 is tested, but not the first length byte: 82 00 ff.
    add(plain_ber(), zero_in_front, "a long length may begin with a zero byte");
    // 0x80 & 0x7f is 0: no length bytes follow, and the length is 0.
    add(plain_ber(), indefinite, "the indefinite form is an empty message");
    // int length, as in many SNMP agents: a negative one is set to 0.
    add(plain_ber(), negative, "a length of 32 bits is negative, and an empty message");
    // uint32_t length: 85 01 00 00 00 05 is 5.
    add(plain_ber(), upper_half_lost, "the upper half of a length is cut off");
    // count > sizeof(length) is compared as count > 9.
    add(plain_ber(), nine_bytes, "nine length bytes are taken, and the first is lost");
    // size < 127 in place of size <= 127.
    add(plain_ber(), long_form_at_127, "the encoder takes the long form for 127 bytes");
    // The decoder collects as many length bytes as the first byte announces, up to 127.
    add(small_ber(), endless, "up to 127 length bytes are collected");
    // The head is copied from the current piece when the length is whole.
    add(sequence(), keeps_only_last_piece, "the kept head begins with the last piece");
    // The tag is skipped, for the caller to look at.
    add(sequence(), tag_of_peer, "the tag may be anything", judge::weir);
    for (const auto& from : {plain_ber(), small_ber(), sequence()}) sound.push_back(plant(from, none, ""));
}

void plant_text(std::vector<announced_case>& bugs, std::vector<announced_case>& sound) {
    using enum text_length::bug;
    const auto add = [&](const sample<text_length>& from, text_length::bug which, const char* said,
                         judge by = judge::laws) { bugs.push_back(plant(from, which, said, by)); };
    // Only 0000 is a flush packet; 0001 - 4 wraps.
    add(pkt_line(), short_wraps, "lengths of 1 to 3 are huge", judge::weir);
    // The flush packet leaves the variable with the size unchanged.
    add(pkt_line(), flush_repeats_size, "a flush packet has the size of the packet before");
    // strtoul() takes blanks, signs, 0x, and fewer digits.
    add(pkt_line(), read_by_strtoul, "blanks and signs are digits of a hexadecimal length", judge::weir);
    add(three_digits(), read_by_strtoul, "blanks and signs are digits of a decimal length");
    // A table with the small letters only: the first peer that writes 000A is refused.
    add(pkt_line(), small_letters_only, "capital letters are no digits", judge::weir);
    // char digits[3] is a local variable of the read callback.
    add(three_digits(), buffer_of_piece, "the digits of an earlier piece are lost");
    add(syslog(), zeros_in_front, "zeros in front of a length are taken");
    // sscanf("%d") and std::stoi() take a sign.
    add(syslog(), plus_sign, "a plus sign in front of a length is taken");
    add(syslog(), blanks_in_front, "a blank in front of a length is taken");
    // uint32_t, without a check.
    add(syslog(), wraps, "a long length wraps around at 32 bits");
    add(syslog(), no_digits, "a blank without digits is an empty message");
    // The digits are checked when the blank has come.
    add(syslog(), endless, "digits without an end are collected");
    // length = length * 10 + digit, and only the fast path sets length to 0.
    add(syslog(), kept_after_cut, "the length continues that of a message in two pieces");
    // Any byte that is no digit ends the length.
    add(syslog(), any_end, "any byte ends the digits");
    // The state after '\r' skips one byte.
    add(bulk_string(), end_cut, "the LF after a cut may be anything");
    for (const auto& from : {pkt_line(), three_digits(), syslog(), bulk_string()})
        sound.push_back(plant(from, none, ""));
}

}  // namespace planted::announced
