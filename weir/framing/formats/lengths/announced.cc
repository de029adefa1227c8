#include "weir/framing/formats/lengths/announced.h"

#include "weir/base/text.h"

namespace weir::internal {
namespace {

// A frame of which the body is not the payload alone, or which has a trailer, is measured by a call.
fast_path allowed_path(const description& fields, fast_path fast) {
    const bool usual = fields.trailer.empty() && fields.when_short == short_rule::reject;
    if (fast.is_direct() && !usual) fast.what = fast_path::kind::whole;
    return fast;
}

}  // namespace

announced_format::announced_format(const description& fields, fast_path fast)
    : format(allowed_path(fields, std::move(fast))), magic_(fields.magic), trailer_(fields.trailer),
      offset_(fields.offset), after_(fields.after), check_bytes_(fields.check_bytes()),
      uncounted_(fields.counts == counts_rule::payload ? fields.check_bytes() : 0), counts_(fields.counts),
      short_(fields.when_short), overlong_allowed_(fields.overlong_allowed) {}

announced_format::sized_number announced_format::number_for(std::uint64_t body_size) const noexcept {
    const std::uint64_t bare = body_size - uncounted_;
    std::size_t width = width_of(0);
    while (width_of(bare + counted(width)) > width) ++width;
    return {bare + counted(width), width};
}

bool announced_format::is_longer_than_needed(const number_read& got) const noexcept {
    if (overlong_allowed_) return false;
    const bool counts_itself = counts_ == counts_rule::field || counts_ == counts_rule::whole;
    const std::uint64_t counted_body = got.value - counted(got.bytes);
    // Sizes above most_size are not distinguished. A number that counts its own bytes would be another one in fewer.
    if (!counts_itself || counted_body >= verdict::most_size) return width_of(got.value) < got.bytes;
    return number_for(counted_body + uncounted_).width < got.bytes;
}

verdict announced_format::measure(const frame_bytes& frame, std::uint64_t& looked) const {
    const bytes_view seen = frame.content;
    const auto look_to = [&](std::size_t end) { looked += end - std::min(frame.searched, end); };
    if (seen.size() < magic_.size()) {
        look_to(seen.size());
        return verdict::more(magic_.size());
    }
    for (std::size_t i = 0; i < magic_.size(); ++i) {
        if (seen[i] != magic_[i]) {
            look_to(i + 1);
            return verdict::broken(i);
        }
    }
    if (seen.size() <= offset_) {
        look_to(seen.size());
        return verdict::more(offset_ + 1);
    }
    const number_read got = read(seen.from(offset_));
    switch (got.what) {
        case number_read::answer::more: look_to(seen.size()); return verdict::more(offset_ + got.bytes);
        case number_read::answer::broken: look_to(offset_ + got.bytes + 1); return verdict::broken(offset_ + got.bytes);
        case number_read::answer::number: break;
    }
    look_to(offset_ + got.bytes);
    const verdict found = frame_of(got.value, got.bytes);
    if (found.what == verdict::answer::frame && is_longer_than_needed(got)) {
        return verdict::broken(offset_ + got.bytes - 1);
    }
    return found;
}

std::string announced_format::explain(bytes_view frame, std::uint64_t place) const {
    if (place < magic_.size()) {
        return "a frame begins with " + to_hex(frame.first(magic_.size())) + " instead of the magic " + to_hex(magic_);
    }
    const bytes_view field = frame.from(offset_);
    const number_read got = read(field);
    if (got.what == number_read::answer::broken) return explain_number(field, got.bytes);
    if (short_ == short_rule::reject && got.value < counted(got.bytes)) {
        return "a length of " + std::to_string(got.value) + " is less than the " + say_size(counted(got.bytes)) +
               " that it counts besides the payload" + remark(frame.first(offset_ + got.bytes));
    }
    return "the length " + to_hex(field.first(got.bytes)) +
           " is longer than it needs to be, and overlong=allow is not set";
}

std::uint64_t announced_format::announced(bytes_view header) const { return read(header.from(offset_)).value; }

void announced_format::put_header(std::uint64_t body_size, buffer& out) const {
    const sized_number length = number_for(body_size);
    const std::size_t size = offset_ + length.width + after_;
    std::byte* const place = out.prepare(size).data();
    std::memset(place, 0, size);
    if (!magic_.empty()) std::memcpy(place, magic_.data(), magic_.size());
    write(length.number, length.width, place + offset_);
    out.commit(size);
}

void announced_format::put_trailer(bytes_view, bytes_view, buffer& out) const { out.append(trailer_); }

std::string announced_format::refuse_trailer(bytes_view, bytes_view, bytes_view trailer) const {
    if (trailer == trailer_.view()) return {};
    return "a frame ends with " + to_hex(trailer_) + ", but there is " + to_hex(trailer) +
           ": the length is wrong, or bytes are missing";
}

}  // namespace weir::internal
