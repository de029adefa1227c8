#include "weir/framing/description.h"

#include <algorithm>

#include "weir/base/text.h"
#include "weir/framing/internal/checksum_traits.h"
#include "weir/framing/record/record.h"

namespace weir {
namespace {

using kind = framing_kind;

error refuse(std::string why) { return error(errc::malformed, "framing", {}, std::move(why)); }

bool contains(bytes_view whole, bytes_view part) { return whole.text().find(part.text()) != std::string_view::npos; }

result<void> check_marks(const description& d) {
    if (d.marks.empty()) return refuse("delimited needs an end mark, like delimited:7e or delimited:\"\\r\\n\"");
    if (d.marks.size() > most_marks) return refuse("more than " + std::to_string(most_marks) + " end marks");
    for (const auto& mark : d.marks) {
        if (mark.empty()) return refuse("an empty end mark would end every message at once");
        if (mark.size() > most_mark_bytes) {
            return refuse("the end mark " + quote(mark) + " is longer than " + say_size(most_mark_bytes));
        }
    }
    for (const auto& one : d.marks) {
        for (const auto& other : d.marks) {
            if (&one == &other) continue;
            if (one == other) return refuse("the end mark " + quote(one) + " is given twice");
            if (one.view().text().find(other.text()) < one.size() - std::min(one.size(), other.size())) {
                return refuse("the end mark " + quote(one) + " can never be seen, because " + quote(other) +
                              " inside it ends the message first");
            }
        }
    }
    if (d.start.size() > most_mark_bytes) return refuse("the start mark is longer than " + say_size(most_mark_bytes));
    return {};
}

// With these rules, unescaping takes one table lookup after the lead byte, and every byte can be sent.
result<void> check_escapes(const description& d) {
    if (d.escapes.empty()) return {};
    const std::byte lead = d.escapes[0].wire.empty() ? std::byte{} : d.escapes[0].wire[0];
    bool lead_is_escaped = false;
    for (const auto& one : d.escapes) {
        if (one.wire.size() != 2 || one.plain.size() != 1) {
            return refuse("escape is written WIRE:PLAIN, two bytes on the wire for one of the payload, like 7d01:7d");
        }
        if (one.wire[1] == lead) return refuse("the escape " + to_hex(one.wire) + " repeats the escape byte");
        if (one.wire[0] != lead) return refuse("all escapes begin with the same byte on the wire");
        if (one.plain[0] == lead) lead_is_escaped = true;
        for (const auto& mark : d.marks) {
            if (contains(one.wire, mark)) {
                return refuse("the escape " + to_hex(one.wire) + " contains the end mark " + quote(mark));
            }
            if (one.wire[1] == mark[0]) {
                return refuse("the second byte of the escape " + to_hex(one.wire) + " begins the end mark " +
                              quote(mark) + ": followed by the rest of the mark, it would end the message");
            }
            if (contains(mark, {&lead, 1})) {
                return refuse("the end mark " + quote(mark) + " contains the escape byte " + to_hex({&lead, 1}));
            }
        }
        for (const auto& other : d.escapes) {
            if (&one != &other && (one.wire == other.wire || one.plain == other.plain)) {
                return refuse("two escapes are the same on one side: " + to_hex(one.wire) + ":" + to_hex(one.plain) +
                              " and " + to_hex(other.wire) + ":" + to_hex(other.plain));
            }
        }
    }
    if (!lead_is_escaped) {
        return refuse("the escape byte " + to_hex({&lead, 1}) +
                      " needs an escape of its own, or a payload that has it "
                      "could not be distinguished from an escape");
    }
    return {};
}

// Returns the largest number of `digits` digits.
std::uint64_t largest_of(std::uint64_t base, unsigned digits) {
    std::uint64_t number = 0;
    for (; digits != 0; --digits) number = number * base + base - 1;
    return number;
}

// Returns the largest number of bytes that a length can announce, or nothing when the framing has no length.
std::optional<std::uint64_t> largest_length(const description& d) {
    switch (d.kind) {
        case kind::length: {
            const std::uint64_t number = d.mask.value_or(UINT64_MAX >> (64 - 8u * d.width));
            return number > UINT64_MAX / d.times ? UINT64_MAX : number * d.times;
        }
        case kind::varint:
        case kind::ber: return UINT64_MAX;
        case kind::decimal: return largest_of(10, d.width);
        case kind::hex: return largest_of(16, d.width);
        case kind::digits:
        case kind::header:
        case kind::netstring: return most_netstring_bytes;
        default: return {};
    }
}

// Returns how many bytes the longest length has.
std::uint64_t longest_length(const description& d) {
    switch (d.kind) {
        case kind::varint: return 10;
        case kind::ber: return 9;
        case kind::digits: return most_length_digits + d.length_end.size();
        case kind::header: return most_header_bytes;
        default: return d.width;
    }
}

std::uint64_t header_bytes(const description& d) { return d.offset + longest_length(d) + d.after; }

// Returns what the longest length counts besides the payload.
std::uint64_t counted_besides(const description& d) {
    switch (d.counts) {
        case counts_rule::payload: return 0;
        case counts_rule::body: return d.check_bytes();
        case counts_rule::field: return longest_length(d) + d.check_bytes();
        case counts_rule::whole: return header_bytes(d) + d.check_bytes() + d.trailer.size();
    }
    return 0;
}

// Returns the largest message that a frame can carry: what its length can announce, and never so much that a sum of
// sizes wraps.
std::uint64_t most_carried(const description& d) {
    const auto largest = largest_length(d);
    if (!largest) return INT64_MAX;
    if (d.kind == kind::netstring || d.kind == kind::header) {
        return *largest - d.check_bytes() + d.kept_of(longest_length(d));
    }
    const std::uint64_t payload = *largest - std::min(*largest, counted_besides(d));
    return std::min(payload, most_message_bytes) + d.kept_of(header_bytes(d));
}

std::string say_length_field(const description& d) {
    switch (d.kind) {
        case kind::length: return "a length of " + say_size(d.width);
        case kind::varint: return "a varint";
        case kind::decimal:
        case kind::hex: return "a length of " + std::to_string(d.width) + (d.width == 1 ? " digit" : " digits");
        case kind::netstring: return "the length of a netstring";
        default: return "the length";
    }
}

// Refuses a limit that is above what the length can announce, because the encoder could never reach it.
result<void> check_limit(const description& d) {
    if (!d.max || *d.max == UINT64_MAX || !largest_length(d) || *d.max <= most_carried(d)) return {};
    return refuse("max is " + say_size(*d.max) + ", but " + say_length_field(d) + " announces messages of at most " +
                  say_size(most_carried(d)));
}

result<void> check_width(const description& d) {
    const unsigned width = d.width;
    switch (d.kind) {
        case kind::length:
            if (width == 1 || width == 2 || width == 3 || width == 4 || width == 8) return {};
            return refuse("a length must have 1, 2, 3, 4 or 8 bytes");
        case kind::decimal:
            if (width >= 1 && width <= most_length_digits) return {};
            return refuse("a decimal length has 1 to " + std::to_string(most_length_digits) + " digits");
        case kind::hex:
            if (width >= 1 && width <= 16) return {};
            return refuse("a hexadecimal length has 1 to 16 digits");
        default: return {};
    }
}

result<void> check_length_end(const description& d) {
    if (d.length_end.empty()) return refuse("digits needs the bytes that end the number, like digits:\" \"");
    if (d.length_end.size() > most_mark_bytes) {
        return refuse("the bytes after the digits are more than " + say_size(most_mark_bytes));
    }
    const auto first = std::to_integer<unsigned>(d.length_end[0]);
    if (first - '0' < 10) return refuse("the bytes after the digits begin with a digit");
    return {};
}

result<void> check_length_name(const description& d) {
    const auto is_in_name = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    };
    if (d.length_name.empty() || !std::all_of(d.length_name.begin(), d.length_name.end(), is_in_name)) {
        return refuse("header needs the name of the field with the length, like header:Content-Length");
    }
    if (d.length_name.size() > most_name_bytes) {
        return refuse("the name of the field is longer than " + say_size(most_name_bytes));
    }
    if (d.header == header_rule::after) return refuse("header=after is for a length with a place in the header");
    return {};
}

// The number of a length of fixed size: its bits and its unit.
result<void> check_number(const description& d) {
    if (d.times == 0 || d.times > most_times_bytes) {
        return refuse("times is 1 to " + std::to_string(most_times_bytes) + " bytes");
    }
    const std::uint64_t all = UINT64_MAX >> (64 - 8u * d.width);
    const std::uint64_t mask = d.mask.value_or(all);
    if (mask == 0 || (mask & (mask + 1)) != 0 || mask > all) {
        return refuse("mask has the lowest bits of the length set, like 7fffffff, and no others");
    }
    if ((d.flags & mask) != 0 || (d.flags | all) != all) {
        return refuse(
            "flags are bits of the length outside its mask: set mask= too, like mask=7fffffff,flags=80000000");
    }
    return {};
}

result<void> check_header(const description& d) {
    if (d.offset > most_offset_bytes) return refuse("offset is more than " + say_size(most_offset_bytes));
    if (d.after > most_after_bytes) return refuse("after is more than " + say_size(most_after_bytes));
    if (d.trailer.size() > most_mark_bytes) return refuse("trailer is longer than " + say_size(most_mark_bytes));
    if (d.magic.size() > most_mark_bytes) return refuse("magic is longer than " + say_size(most_mark_bytes));
    if (d.magic.size() > d.offset) {
        return refuse("the magic takes " + say_size(d.magic.size()) + ", but the length begins at offset " +
                      std::to_string(d.offset) + ": set offset to at least " + std::to_string(d.magic.size()));
    }
    if (d.header == header_rule::after && d.after == 0) {
        return refuse("header=after keeps the bytes of the header after the length: set after= too");
    }
    if (d.when_short == short_rule::empty && d.counts != counts_rule::field && d.counts != counts_rule::whole) {
        return refuse("short=empty is for a length that counts more than the payload: set counts= too");
    }
    if (d.when_short == short_rule::empty && counted_besides(d) % d.times != 0) {
        return refuse("short=empty needs times to divide the " + say_size(counted_besides(d)) +
                      " that the length of an empty message counts");
    }
    const auto largest = largest_length(d);
    if (largest && counted_besides(d) > *largest) {
        const std::string what = d.counts == counts_rule::whole   ? "a header of " + say_size(header_bytes(d))
                                 : d.counts == counts_rule::field ? "its own " + say_size(longest_length(d))
                                                                  : "a checksum of " + say_size(d.check_bytes());
        return refuse(say_length_field(d) + " cannot count " + what + ": it announces at most " + say_size(*largest));
    }
    return {};
}

result<void> check_checksum(const description& d) {
    if (d.checksum == checksum_kind::none) {
        if (d.cover || d.check_order) return refuse("cover and order describe a checksum: add check= too");
        return {};
    }
    if (d.cover && !d.has_length() && *d.cover > d.start.size()) {
        return refuse("cover begins at byte " + std::to_string(*d.cover) + ", after the first byte of the payload");
    }
    if (d.cover && d.has_length() && *d.cover > d.offset) {
        return refuse("cover begins at byte " + std::to_string(*d.cover) +
                      ", after the beginning of the length: it must be at most the offset, or write cover=payload");
    }
    return {};
}

}  // namespace

std::size_t description::check_bytes() const noexcept { return internal::checksum_traits_of(checksum).bytes; }

byte_order description::check_byte_order() const noexcept {
    return check_order.value_or(internal::checksum_traits_of(checksum).usual_order);
}

bool description::has_optional_start() const noexcept {
    return empty == empty_rule::skip && std::find(marks.begin(), marks.end(), start) != marks.end();
}

bool description::has_length() const noexcept {
    switch (kind) {
        case framing_kind::length:
        case framing_kind::varint:
        case framing_kind::ber:
        case framing_kind::decimal:
        case framing_kind::hex:
        case framing_kind::digits: return true;
        default: return false;
    }
}

std::uint64_t description::limit() const noexcept {
    if (kind == framing_kind::fixed) return size;
    if (kind == framing_kind::record) {
        const auto layout = record_layout::parse(fields);
        return layout ? layout->size() : 0;
    }
    return std::min(max.value_or(default_max_bytes), most_carried(*this));
}

result<void> description::check() const {
    switch (kind) {
        case framing_kind::delimited:
            if (auto marks_ok = check_marks(*this); !marks_ok) return marks_ok;
            if (auto escapes_ok = check_escapes(*this); !escapes_ok) return escapes_ok;
            break;
        case framing_kind::fixed:
            if (size == 0) return refuse("fixed needs at least 1 byte a message: a message of 0 bytes has no end");
            if (size > most_message_bytes) return refuse("fixed must be at most 2^61 bytes");
            break;
        case framing_kind::length:
            if (auto width_ok = check_width(*this); !width_ok) return width_ok;
            if (auto number_ok = check_number(*this); !number_ok) return number_ok;
            break;
        case framing_kind::decimal:
        case framing_kind::hex:
            if (auto width_ok = check_width(*this); !width_ok) return width_ok;
            break;
        case framing_kind::header:
            if (auto name_ok = check_length_name(*this); !name_ok) return name_ok;
            break;
        case framing_kind::digits:
            if (auto end_ok = check_length_end(*this); !end_ok) return end_ok;
            break;
        case framing_kind::idle:
            if (gap <= duration::zero()) return refuse("idle needs a gap of more than 0, like idle:20ms");
            if (max == 0) return refuse("max=0 leaves only the empty message, and idle has none");
            break;
        case framing_kind::chunks:
            if (max == 0) return refuse("max=0 leaves only the empty message, and chunks has none");
            if (checksum != checksum_kind::none) return refuse("a chunk is what one read returned: it has no checksum");
            break;
        case framing_kind::record:
            if (auto layout = record_layout::parse(fields); !layout) return layout.error();
            if (limit() == 0) return refuse("a record of no bytes has no end");
            if (fields.find_first_of("\t\n\v\f\r") != std::string::npos) {
                return refuse("in the text of a framing, only spaces may separate the fields of a record");
            }
            break;
        case framing_kind::custom:
            if (own == nullptr) return refuse("a custom framing needs a format");
            break;
        case framing_kind::lines:
        case framing_kind::varint:
        case framing_kind::ber:
        case framing_kind::netstring: break;
    }
    if (has_length()) {
        if (auto header_ok = check_header(*this); !header_ok) return header_ok;
    }
    if (empty != empty_rule::allow && max == 0) {
        return refuse("max=0 leaves only the empty message, and empty=" +
                      std::string(empty == empty_rule::reject ? "reject refuses it" : "skip drops it"));
    }
    if (empty == empty_rule::skip && header != header_rule::strip) {
        return refuse("empty=skip drops messages without bytes, but with header= a message has those of its header");
    }
    if (cover && has_optional_start()) {
        return refuse(
            "cover= needs a start mark that every frame has; with empty=skip, a start mark that is also an end "
            "mark may be missing");
    }
    if (auto checksum_ok = check_checksum(*this); !checksum_ok) return checksum_ok;
    return check_limit(*this);
}

}  // namespace weir
