#include "weir/framing/framing.h"

#include <algorithm>

#include "weir/framing/formats/make_format.h"
#include "weir/framing/grammar.h"

namespace weir {
namespace {

description length_of(std::uint8_t width, byte_order order) {
    description fields(framing_kind::length);
    fields.width = width;
    fields.order = order;
    return fields;
}

}  // namespace

framing::framing(description fields) {
    if (fields.width == 1) fields.order = byte_order::big;  // a single byte has no order
    auto machine = internal::make_format(fields);
    const std::uint64_t limit = fields.limit();
    program_ = std::shared_ptr<const program>(new program{std::move(fields), limit, std::move(machine)});
}

result<framing> framing::make(description fields) {
    if (auto sound = check_framing(fields); !sound) return sound.error();
    return framing(std::move(fields));
}

framing framing::made(description fields, place where) {
    auto sound = check_framing(fields);
    WEIR_CHECK(sound, sound.error().message(), where);
    return framing(std::move(fields));
}

result<framing> framing::parse(std::string_view text) {
    auto fields = parse_framing(text);
    if (!fields) return fields.error();
    return framing(*std::move(fields));
}

std::string framing::to_string() const { return print_framing(fields()); }

framing framing::lines() { return made(description(framing_kind::lines)); }
framing framing::len8() { return made(length_of(1, byte_order::big)); }
framing framing::len16() { return made(length_of(2, byte_order::big)); }
framing framing::len24() { return made(length_of(3, byte_order::big)); }
framing framing::len32() { return made(length_of(4, byte_order::big)); }
framing framing::len64() { return made(length_of(8, byte_order::big)); }
framing framing::len16le() { return made(length_of(2, byte_order::little)); }
framing framing::len24le() { return made(length_of(3, byte_order::little)); }
framing framing::len32le() { return made(length_of(4, byte_order::little)); }
framing framing::len64le() { return made(length_of(8, byte_order::little)); }
framing framing::varint() { return made(description(framing_kind::varint)); }
framing framing::netstring() { return made(description(framing_kind::netstring)); }
framing framing::chunks() { return made(description(framing_kind::chunks)); }

framing framing::delimited(std::initializer_list<bytes_view> end_marks, place where) {
    description fields(framing_kind::delimited);
    for (const auto mark : end_marks) fields.marks.emplace_back(mark);
    return made(std::move(fields), where);
}

framing framing::ber() { return made(description(framing_kind::ber)); }

framing framing::decimal(unsigned digits, place where) {
    description fields(framing_kind::decimal);
    fields.width = static_cast<std::uint8_t>(std::min(digits, unsigned{UINT8_MAX}));
    return made(std::move(fields), where);
}

framing framing::hex(unsigned digits, place where) {
    description fields(framing_kind::hex);
    fields.width = static_cast<std::uint8_t>(std::min(digits, unsigned{UINT8_MAX}));
    return made(std::move(fields), where);
}

framing framing::header(std::string_view name, place where) {
    description fields(framing_kind::header);
    fields.length_name = name;
    return made(std::move(fields), where);
}

framing framing::digits(bytes_view end, place where) {
    description fields(framing_kind::digits);
    fields.length_end = end;
    return made(std::move(fields), where);
}

framing framing::fixed(std::uint64_t bytes_a_message, place where) {
    description fields(framing_kind::fixed);
    fields.size = bytes_a_message;
    return made(std::move(fields), where);
}

framing framing::custom(std::string_view name, std::shared_ptr<const format> own, place where) {
    description fields(framing_kind::custom);
    fields.name = name;
    fields.own = std::move(own);
    return made(std::move(fields), where);
}

framing framing::record(std::string_view format, place where) {
    description fields(framing_kind::record);
    fields.fields = format;
    return made(std::move(fields), where);
}

framing framing::idle(duration gap, place where) {
    description fields(framing_kind::idle);
    fields.gap = gap;
    return made(std::move(fields), where);
}

framing framing::crlf(place where) const {
    WEIR_CHECK(fields().kind == framing_kind::lines, "crlf does not apply to " + to_string(), where);
    description changed = fields();
    changed.crlf = true;
    return made(std::move(changed), where);
}

framing framing::end(end_rule rule, place where) const {
    description changed = fields();
    changed.end = rule;
    return made(std::move(changed), where);
}

framing framing::start(bytes_view mark, place where) const {
    description changed = fields();
    changed.start = mark;
    return made(std::move(changed), where);
}

framing framing::escape(std::initializer_list<substitution> all, place where) const {
    description changed = fields();
    changed.escapes = all;
    return made(std::move(changed), where);
}

framing framing::allow_overlong(place where) const {
    description changed = fields();
    changed.overlong_allowed = true;
    return made(std::move(changed), where);
}

framing framing::offset(std::uint64_t bytes_before_length, place where) const {
    description changed = fields();
    changed.offset = bytes_before_length;
    return made(std::move(changed), where);
}

framing framing::counts(counts_rule rule, place where) const {
    description changed = fields();
    changed.counts = rule;
    return made(std::move(changed), where);
}

framing framing::after(std::uint64_t header_bytes_after_length, place where) const {
    description changed = fields();
    changed.after = header_bytes_after_length;
    return made(std::move(changed), where);
}

framing framing::allow_short(place where) const {
    description changed = fields();
    changed.when_short = short_rule::empty;
    return made(std::move(changed), where);
}

framing framing::keep_header(place where) const {
    description changed = fields();
    changed.header = header_rule::keep;
    return made(std::move(changed), where);
}

framing framing::keep_after(place where) const {
    description changed = fields();
    changed.header = header_rule::after;
    return made(std::move(changed), where);
}

framing framing::mask(std::uint64_t bits_of_number, std::uint64_t flags, place where) const {
    description changed = fields();
    changed.mask = bits_of_number;
    changed.flags = flags;
    return made(std::move(changed), where);
}

framing framing::times(std::uint64_t bytes_a_unit, place where) const {
    description changed = fields();
    changed.times = bytes_a_unit;
    return made(std::move(changed), where);
}

framing framing::trailer(bytes_view last_bytes, place where) const {
    description changed = fields();
    changed.trailer = last_bytes;
    return made(std::move(changed), where);
}

framing framing::magic(bytes_view first_bytes, place where) const {
    description changed = fields();
    changed.magic = first_bytes;
    changed.offset = std::max<std::uint64_t>(changed.offset, first_bytes.size());
    return made(std::move(changed), where);
}

framing framing::max(std::uint64_t message_bytes, place where) const {
    description changed = fields();
    changed.max = message_bytes;
    return made(std::move(changed), where);
}

framing framing::max_none(place where) const { return max(UINT64_MAX, where); }

framing framing::oversize(oversize_rule rule, place where) const {
    description changed = fields();
    changed.oversize = rule;
    return made(std::move(changed), where);
}

framing framing::reject_empty(place where) const {
    description changed = fields();
    changed.empty = empty_rule::reject;
    return made(std::move(changed), where);
}

framing framing::skip_empty(place where) const {
    description changed = fields();
    changed.empty = empty_rule::skip;
    return made(std::move(changed), where);
}

framing framing::check(checksum_kind kind, place where) const {
    description changed = fields();
    changed.checksum = kind;
    changed.cover.reset();
    return made(std::move(changed), where);
}

framing framing::check(checksum_kind kind, std::uint64_t cover_from, place where) const {
    description changed = fields();
    changed.checksum = kind;
    changed.cover = cover_from;
    return made(std::move(changed), where);
}

framing framing::check_order(byte_order order, place where) const {
    description changed = fields();
    changed.check_order = order;
    return made(std::move(changed), where);
}

}  // namespace weir
