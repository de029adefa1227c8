#include "weir/framing/description.h"

#include <algorithm>

#include "weir/base/text.h"
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

// Returns the largest number in the length field, or nothing when the framing has none.
std::optional<std::uint64_t> largest_length(const description& d) {
    switch (d.kind) {
        case kind::length: return UINT64_MAX >> (64 - 8u * d.width);
        case kind::varint: return UINT64_MAX;
        case kind::netstring: return most_netstring_bytes;
        default: return {};
    }
}

// Returns the size of the largest message that a frame can carry. The length field must be able to announce it, and no
// sum of sizes may overflow.
std::uint64_t most_carried(const description& d) {
    const auto largest = largest_length(d);
    if (!largest) return INT64_MAX;
    const std::uint64_t header = d.offset + (d.kind == kind::length ? d.width : 0);
    std::uint64_t counted = 0;
    if (d.counts == counts_rule::field) counted = d.width;
    if (d.counts == counts_rule::whole) counted = header;
    if (d.counts != counts_rule::payload) counted += d.check_bytes();
    const std::uint64_t payload = *largest - std::min(*largest, counted);
    return std::min(payload, most_message_bytes) + (d.keep_header ? header : 0);
}

std::string say_length_field(const description& d) {
    if (d.kind == kind::length) return "a length of " + say_size(d.width);
    return d.kind == kind::varint ? "a varint" : "the length of a netstring";
}

// Refuses a limit that is above what the length can announce, because the encoder could never reach it.
result<void> check_limit(const description& d) {
    if (!d.max || *d.max == UINT64_MAX || !largest_length(d) || *d.max <= most_carried(d)) return {};
    return refuse("max is " + say_size(*d.max) + ", but " + say_length_field(d) + " announces messages of at most " +
                  say_size(most_carried(d)));
}

result<void> check_header(const description& d) {
    if (d.offset > most_offset_bytes) return refuse("offset is more than " + say_size(most_offset_bytes));
    if (d.magic.size() > most_mark_bytes) return refuse("magic is longer than " + say_size(most_mark_bytes));
    if (d.magic.size() > d.offset) {
        return refuse("the magic takes " + say_size(d.magic.size()) + ", but the length begins at offset " +
                      std::to_string(d.offset) + ": set offset to at least " + std::to_string(d.magic.size()));
    }
    const std::uint64_t header = d.offset + d.width;
    if (d.kind == kind::length && d.counts == counts_rule::whole && d.width < 8 &&
        header + d.check_bytes() > (std::uint64_t{1} << (8u * d.width)) - 1) {
        return refuse("a length of " + say_size(d.width) + " cannot count a header of " + say_size(header));
    }
    return {};
}

result<void> check_checksum(const description& d) {
    if (d.checksum == checksum_kind::none) {
        if (d.cover || d.check_order) return refuse("cover and order describe a checksum: add check= too");
        return {};
    }
    if (d.cover && d.kind != kind::length && d.kind != kind::varint && *d.cover > d.start.size()) {
        return refuse("cover begins at byte " + std::to_string(*d.cover) + ", after the first byte of the payload");
    }
    if (d.cover && (d.kind == kind::length || d.kind == kind::varint) && *d.cover > d.offset) {
        return refuse("cover begins at byte " + std::to_string(*d.cover) +
                      ", after the beginning of the length: it must be at most the offset, or write cover=payload");
    }
    return {};
}

}  // namespace

std::size_t description::check_bytes() const noexcept {
    switch (checksum) {
        case checksum_kind::none: return 0;
        case checksum_kind::xor8:
        case checksum_kind::sum8: return 1;
        case checksum_kind::crc16_modbus:
        case checksum_kind::crc16_x25: return 2;
        case checksum_kind::crc32:
        case checksum_kind::crc32c: return 4;
    }
    return 0;
}

byte_order description::check_byte_order() const noexcept {
    if (check_order) return *check_order;
    // Modbus over serial line V1.02, 2.5.1.2, and ISO/IEC 13239 send the low byte first.
    const bool low_first = checksum == checksum_kind::crc16_modbus || checksum == checksum_kind::crc16_x25;
    return low_first ? byte_order::little : byte_order::big;
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
            if (width != 1 && width != 2 && width != 3 && width != 4 && width != 8) {
                return refuse("a length must have 1, 2, 3, 4 or 8 bytes");
            }
            [[fallthrough]];
        case framing_kind::varint:
            if (auto header_ok = check_header(*this); !header_ok) return header_ok;
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
        case framing_kind::netstring: break;
    }
    if (!empty_allowed && max == 0) return refuse("max=0 leaves only the empty message, and empty=reject refuses it");
    if (auto checksum_ok = check_checksum(*this); !checksum_ok) return checksum_ok;
    return check_limit(*this);
}

}  // namespace weir
