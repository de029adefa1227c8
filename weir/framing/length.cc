#include "weir/framing/length.h"

#include "weir/base/text.h"
#include "weir/framing/hint.h"

namespace weir {

length_format::length_format(const description& fields)
    : magic_(fields.magic), offset_(fields.offset), header_(fields.offset + fields.width), limit_(fields.limit()),
      mask_(UINT64_MAX >> (64 - 8u * fields.width)), width_(fields.width), shift_(64 - 8u * fields.width),
      big_(fields.order == byte_order::big), network32_(big_ && width_ == 4) {
    const std::size_t quick_magic = std::min(magic_.size(), sizeof magic_word_);
    std::memset(&magic_mask_, 0xff, quick_magic);
    if (quick_magic != 0) std::memcpy(&magic_word_, magic_.data(), quick_magic);
    switch (fields.counts) {
        case counts_rule::body: break;
        case counts_rule::payload: uncounted_ = fields.check_bytes(); break;
        case counts_rule::field: counted_ = width_; break;
        case counts_rule::whole: counted_ = header_; break;
    }
}

// Fewer bytes than the quick way reads: byte by byte.
verdict length_format::measure_short(bytes_view so_far) const {
    if (so_far.size() >= magic_.size() && so_far.first(magic_.size()) != magic_) return wrong_magic(so_far);
    if (so_far.size() < header_) {
        const bool magic_came = so_far.size() >= magic_.size();
        return verdict::more(magic_came ? header_ : magic_.size());
    }
    std::uint64_t word = 0;
    std::memcpy(&word, so_far.data() + offset_, width_);
    return frame_of(field_of(word));
}

verdict length_format::wrong_magic(bytes_view so_far) const {
    std::size_t place = 0;
    while (so_far[place] == magic_[place]) ++place;
    return verdict::broken(place);
}

std::string length_format::explain(bytes_view frame, std::uint64_t place) const {
    if (place < magic_.size()) {
        return "a frame begins with " + to_hex(frame.first(magic_.size())) + " instead of the magic " + to_hex(magic_);
    }
    return "a length of " + std::to_string(announced(frame)) + " is less than the " + say_size(counted_) +
           " that it counts besides the payload" + remark(frame.first(header_));
}

std::uint64_t length_format::announced(bytes_view header) const {
    std::uint64_t word = 0;
    std::memcpy(&word, header.part(offset_, width_).data(), width_);
    return field_of(word);
}

std::string length_format::remark(bytes_view header) const {
    return hint_at_length(header, offset_, width_, !big_, limit_);
}

void length_format::put_header(std::uint64_t body_size, buffer& out) const {
    write_header(out.prepare(head_bytes()).data(), body_size);
    out.commit(header_);
}

}  // namespace weir
