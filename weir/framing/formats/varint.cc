#include "weir/framing/formats/varint.h"

#include <algorithm>
#include <bit>

#include "weir/base/text.h"

namespace weir::internal {
namespace {

constexpr std::size_t most_width = 10;

// Returns the number of bytes that LEB128 needs for this number.
std::size_t width_of(std::uint64_t number) noexcept {
    return number == 0 ? 1 : (static_cast<std::size_t>(std::bit_width(number)) + 6) / 7;
}

}  // namespace

varint_format::varint_format(const description& fields)
    : magic_(fields.magic), offset_(fields.offset), check_bytes_(fields.check_bytes()), counts_(fields.counts),
      overlong_allowed_(fields.overlong_allowed) {}

std::uint64_t varint_format::counted(std::size_t width) const noexcept {
    switch (counts_) {
        case counts_rule::field: return width;
        case counts_rule::whole: return offset_ + width;
        default: return 0;
    }
}

varint_format::field varint_format::field_for(std::uint64_t body_size) const noexcept {
    const std::uint64_t bare = body_size - (counts_ == counts_rule::payload ? check_bytes_ : 0);
    std::size_t width = 1;
    while (width_of(bare + counted(width)) > width) ++width;
    return {bare + counted(width), width};
}

verdict varint_format::measure(const frame_bytes& frame, std::uint64_t& looked) const {
    const bytes_view seen = frame.content;
    const std::size_t passed = std::min(offset_, seen.size());
    looked += passed - std::min(frame.searched, passed);
    if (seen.size() < magic_.size()) return verdict::more(magic_.size());
    for (std::size_t i = 0; i < magic_.size(); ++i) {
        if (seen[i] != magic_[i]) return verdict::broken(i);
    }
    std::uint64_t number = 0;
    for (std::size_t width = 1;; ++width) {  // returns at the tenth byte at the latest
        const std::size_t place = offset_ + width - 1;
        if (seen.size() <= place) return verdict::more(place + 1);
        if (place >= frame.searched) ++looked;
        const auto byte = std::to_integer<std::uint64_t>(seen[place]);
        if (width == most_width && byte > 1) return verdict::broken(place);
        number |= (byte & 0x7f) << (7 * (width - 1));
        if (byte >= 0x80) continue;
        if (number < counted(width)) return verdict::broken(offset_);
        const std::size_t uncounted = counts_ == counts_rule::payload ? check_bytes_ : 0;
        const std::uint64_t most = verdict::most_size - uncounted;
        const std::uint64_t body = std::min(number - counted(width), most) + uncounted;
        const std::size_t shortest = body == verdict::most_size ? width_of(number) : field_for(body).width;
        if (!overlong_allowed_ && shortest != width) return verdict::broken(place);
        return verdict::frame(offset_ + width, body, 0);
    }
}

std::string varint_format::explain(bytes_view frame, std::uint64_t place) const {
    if (place < magic_.size()) {
        return "a frame begins with " + to_hex(frame.first(magic_.size())) + " instead of the magic " + to_hex(magic_);
    }
    if (place == offset_) return "a length is less than what it counts besides the payload";
    const std::string length = to_hex(frame.part(offset_, place - offset_ + 1));
    if (place == offset_ + most_width - 1 && frame[place] > std::byte{1})
        return "the length " + length + " has more than 64 bits";
    return "the length " + length + " is longer than it needs to be, and overlong=allow is not set";
}

std::uint64_t varint_format::announced(bytes_view header) const {
    std::uint64_t number = 0;
    for (std::size_t i = offset_; i < header.size(); ++i) {
        number |= std::to_integer<std::uint64_t>(header[i] & std::byte{0x7f}) << (7 * (i - offset_));
    }
    return number;
}

void varint_format::put_header(std::uint64_t body_size, buffer& out) const {
    const field length = field_for(body_size);
    std::byte* const place = out.prepare(offset_ + most_width).data();
    std::memset(place, 0, offset_);
    if (!magic_.empty()) std::memcpy(place, magic_.data(), magic_.size());
    for (std::size_t i = 0; i < length.width; ++i) {
        const std::uint64_t seven = length.number >> (7 * i) & 0x7f;
        place[offset_ + i] = static_cast<std::byte>(i + 1 < length.width ? seven | 0x80 : seven);
    }
    out.commit(offset_ + length.width);
}

}  // namespace weir::internal
