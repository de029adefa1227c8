#include "weir/framing/formats/length.h"

#include <algorithm>

#include "weir/base/text.h"
#include "weir/framing/hint.h"

namespace weir::internal {
namespace {

fast_path field_of(const description& fields) {
    const unsigned width = fields.width;
    length_field made;
    made.offset = fields.offset;
    made.header = fields.offset + width;
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
        case counts_rule::whole: made.counted = made.header; break;
    }
    return fast_path(std::move(made));
}

}  // namespace

length_format::length_format(const description& fields) : format(field_of(fields)), limit_(fields.limit()) {}

verdict length_format::measure(const frame_bytes& frame, std::uint64_t& looked) const {
    const length_field& at = field();
    const std::byte* const begin = frame.content.data();
    const std::size_t size = frame.content.size();
    looked += std::min<std::uint64_t>(size, at.header);
    if (size < at.head_bytes()) return measure_short({begin, size});
    if (at.magic_bytes != 0 && std::memcmp(begin, at.prefix.data(), at.magic_bytes) != 0)
        return wrong_magic({begin, size});
    std::uint64_t word;
    std::memcpy(&word, begin + at.offset, sizeof word);
    return frame_of(at.number_in(word));
}

// Handles a frame of which fewer than head_bytes() bytes have arrived. Reads only the bytes of the field, not a whole
// word.
verdict length_format::measure_short(bytes_view so_far) const {
    const bytes_view first = magic();
    const bool magic_came = so_far.size() >= first.size();
    if (magic_came && so_far.first(first.size()) != first) return wrong_magic(so_far);
    if (so_far.size() < field().header) return verdict::more(magic_came ? field().header : first.size());
    return frame_of(announced(so_far));
}

verdict length_format::wrong_magic(bytes_view so_far) const {
    std::size_t place = 0;
    while (so_far[place] == magic()[place]) ++place;
    return verdict::broken(place);
}

verdict length_format::frame_of(std::uint64_t number) const noexcept {
    const length_field& at = field();
    if (number < at.counted) return verdict::broken(at.offset);
    const std::uint64_t most = verdict::most_size - at.uncounted;
    return verdict::frame(at.header, std::min(number - at.counted, most) + at.uncounted, 0);
}

std::string length_format::explain(bytes_view frame, std::uint64_t place) const {
    if (place < magic().size()) {
        return "a frame begins with " + to_hex(frame.first(magic().size())) + " instead of the magic " +
               to_hex(magic());
    }
    return "a length of " + std::to_string(announced(frame)) + " is less than the " + say_size(field().counted) +
           " that it counts besides the payload" + remark(frame.first(field().header));
}

std::uint64_t length_format::announced(bytes_view header) const {
    std::uint64_t word = 0;
    std::memcpy(&word, header.part(field().offset, width()).data(), width());
    return field().number_in(word);
}

std::string length_format::remark(bytes_view header) const {
    return hint_at_length(header, field().offset, width(), field().order == length_field::layout::little, limit_);
}

void length_format::put_header(std::uint64_t body_size, buffer& out) const {
    field().write(out.prepare(field().head_bytes()).data(), body_size);
    out.commit(field().header);
}

}  // namespace weir::internal
