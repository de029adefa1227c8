#include "weir/framing/formats/lengths/length.h"

#include <algorithm>

#include "weir/base/text.h"
#include "weir/framing/hint.h"

namespace weir::internal {
namespace {

fast_path field_of(const description& fields) {
    const unsigned width = fields.width;
    length_field made;
    made.offset = fields.offset;
    made.header = fields.offset + width + fields.after;
    made.head = std::max<std::size_t>(made.header, made.offset + sizeof(std::uint64_t));
    made.prefix = fields.magic;
    made.prefix.resize(made.offset);
    made.magic_bytes = fields.magic.size();
    const std::size_t compared = std::min(made.magic_bytes, sizeof made.magic_word);
    std::memset(&made.magic_mask, 0xff, compared);
    if (compared != 0) std::memcpy(&made.magic_word, fields.magic.data(), compared);
    made.mask = UINT64_MAX >> (64 - 8 * width);
    made.shift = 64 - 8 * width;
    using layout = length_field::layout;
    made.order = fields.order == byte_order::little ? layout::little : width == 4 ? layout::network32 : layout::big;
    switch (fields.counts) {
        case counts_rule::body: break;
        case counts_rule::payload: made.uncounted = fields.check_bytes(); break;
        case counts_rule::field: made.counted = width; break;
        case counts_rule::whole: made.counted = made.header + fields.trailer.size(); break;
    }
    fast_path path(std::move(made));
    if (fields.mask || fields.flags != 0 || fields.times != 1) path.what = fast_path::kind::whole;
    return path;
}

}  // namespace

length_format::length_format(const description& fields)
    : announced_format(fields, field_of(fields)), width_(fields.width), mask_(fields.mask.value_or(field().mask)),
      flags_(fields.flags), unit_(fields.times), limit_(fields.limit()) {}

verdict length_format::measure(const frame_bytes& frame, std::uint64_t& looked) const {
    const length_field& at = field();
    const std::byte* const begin = frame.content.data();
    const bool magic_is_there = frame.content.size() >= at.head_bytes() &&
                                (at.magic_bytes == 0 || std::memcmp(begin, at.prefix.data(), at.magic_bytes) == 0);
    if (!magic_is_there || !is_plain()) return announced_format::measure(frame, looked);
    looked += at.header;
    std::uint64_t word;
    std::memcpy(&word, begin + at.offset, sizeof word);
    return frame_of(at.number_in(word), width_);
}

number_read length_format::read(bytes_view seen) const noexcept {
    if (seen.size() < width_) return number_read::more(width_);
    std::uint64_t word = 0;
    std::memcpy(&word, seen.data(), width_);
    const std::uint64_t raw = field().number_in(word);
    if ((raw & ~mask_) != flags_) return number_read::broken(0);
    const std::uint64_t number = raw & mask_;
    return number_read::number(number > UINT64_MAX / unit_ ? UINT64_MAX : number * unit_, width_);
}

void length_format::write(std::uint64_t number, std::size_t width, std::byte* to) const noexcept {
    const std::uint64_t word = field().word_of(number / unit_ | flags_);
    std::memcpy(to, &word, width);
}

std::string length_format::explain_number(bytes_view seen, std::size_t) const {
    std::uint64_t word = 0;
    std::memcpy(&word, seen.data(), width_);
    const auto in_hex = [&](std::uint64_t bits) {
        bytes digits(width_);
        for (std::size_t i = 0; i < width_; ++i) digits[width_ - 1 - i] = static_cast<std::byte>(bits >> (8 * i));
        return to_hex(digits);
    };
    return "the bits of a length outside its mask are " + in_hex(field().number_in(word) & ~mask_) + " instead of " +
           in_hex(flags_) + ": this is another kind of frame, such as a fragment that the next frame continues";
}

std::string length_format::remark(bytes_view header) const {
    if (!is_plain()) return {};
    return hint_at_length(header, field().offset, width_, field().order == length_field::layout::little, limit_);
}

void length_format::put_header(std::uint64_t body_size, buffer& out) const {
    if (!is_plain()) return announced_format::put_header(body_size, out);
    field().write(out.prepare(field().head_bytes()).data(), body_size);
    out.commit(field().header);
}

std::string length_format::refuse(bytes_view body) const {
    if (unit_ == 1) return {};
    const std::uint64_t counted = body.size() + field().counted - field().uncounted;
    if (counted % unit_ == 0) return {};
    return "its length counts units of " + say_size(unit_) + ", and would have to count " + say_size(counted);
}

}  // namespace weir::internal
