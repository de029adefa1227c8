#include "weir/framing/formats/delimited.h"

#include <algorithm>

#include "weir/base/text.h"

namespace weir::internal {
namespace {

std::size_t index(std::byte b) { return std::to_integer<std::size_t>(b); }

}  // namespace

delimited_format::delimited_format(const description& fields)
    : format(fast_path(fields.escapes.empty() ? fast_path::kind::whole : fast_path::kind::general)),
      marks_(fields.marks), start_(fields.start),
      expected_start_(fields.has_optional_start() ? bytes() : fields.start) {
    if (!fields.escapes.empty()) stuffing_.emplace(fields.escapes);
    for (const auto& mark : marks_) {
        longest_mark_ = std::max(longest_mark_, mark.size());
        last_bytes_[index(mark[mark.size() - 1])] = true;
        for (const auto byte : mark) mark_bytes_[index(byte)] = true;
        one_last_byte_ = one_last_byte_ && mark[mark.size() - 1] == marks_[0][marks_[0].size() - 1];
    }
}

std::size_t delimited_format::mark_that_ends(bytes_view body, std::size_t end) const {
    if (!last_bytes_[index(body[end - 1])]) return 0;
    std::size_t longest = 0;
    for (const auto& mark : marks_) {
        const std::size_t size = mark.size();
        if (size > longest && size <= end && std::memcmp(body.data() + end - size, mark.data(), size) == 0)
            longest = size;
    }
    return longest;
}

std::size_t delimited_format::next_last_byte(bytes_view body, std::size_t from) const noexcept {
    const std::byte* const begin = body.data();
    if (from == body.size()) return from;
    if (one_last_byte_) {
        const int last = std::to_integer<int>(marks_[0].view().end()[-1]);
        const void* const found = std::memchr(begin + from, last, body.size() - from);
        return found == nullptr ? body.size() : static_cast<std::size_t>(static_cast<const std::byte*>(found) - begin);
    }
    while (from != body.size() && !last_bytes_[index(begin[from])]) ++from;
    return from;
}

// The last bytes are not settled: they may be the beginning of a mark or of a stuffed byte.
std::size_t delimited_format::settled(std::size_t body_bytes) const noexcept {
    const std::size_t open = std::max<std::size_t>(longest_mark_ - 1, stuffing_ ? 1 : 0);
    return body_bytes - std::min(body_bytes, open);
}

verdict delimited_format::measure(const frame_bytes& frame, std::uint64_t& looked) const {
    const std::size_t header = frame.inside ? 0 : expected_start_.size();
    const bytes_view seen = frame.content;
    for (std::size_t i = 0; i < std::min(header, seen.size()); ++i) {
        if (seen[i] != expected_start_[i]) return verdict::broken(i);
    }
    if (seen.size() < header) return verdict::more(seen.size() + 1);
    const bytes_view body = seen.from(header);
    const std::size_t fresh = std::max(frame.searched, header) - header;
    for (std::size_t from = fresh; from < body.size();) {
        const std::size_t last = next_last_byte(body, from);
        const std::size_t seen_to = std::min(last + 1, body.size());
        looked += seen_to - from;
        if (stuffing_) {
            // The byte before the fresh ones may be a lead byte whose second byte has just arrived.
            const std::size_t pairs_from = from - std::min<std::size_t>(from, 1);
            if (const std::size_t place = stuffing_->wrong_pair(body, pairs_from, seen_to - 1); place != seen_to - 1)
                return verdict::broken(header + place, settled(place + 1));
        }
        if (last == body.size()) break;
        if (const std::size_t mark = mark_that_ends(body, last + 1); mark != 0) {
            return verdict::frame(header, last + 1 - mark, mark);
        }
        from = last + 1;
    }
    return verdict::more(seen.size() + 1, header, settled(body.size()));
}

void delimited_format::unstuff(bytes_view body, buffer& plain) const {
    if (stuffing_) return stuffing_->unstuff(body, plain);
    format::unstuff(body, plain);
}

void delimited_format::stuff(buffer& out, std::size_t begin) const {
    if (stuffing_) stuffing_->stuff(out, begin);
}

std::size_t delimited_format::whole_part(bytes_view body, std::size_t size) const {
    return stuffing_ ? stuffing_->whole_part(body, size) : size;
}

std::string delimited_format::explain(bytes_view frame, std::uint64_t place) const {
    if (place < expected_start_.size()) {
        return "a message begins with the start mark " + to_hex(start_) + ", but byte " + std::to_string(place) +
               " of it is " + to_hex(frame.part(place, 1));
    }
    const std::byte lead = stuffing_->lead();
    return "the escape byte " + to_hex({&lead, 1}) + " is followed by " + to_hex(frame.part(place + 1, 1)) +
           ", which is not a valid escape";
}

void delimited_format::put_header(std::uint64_t, buffer& out) const { out.append(start_); }

// Returns the first end mark after which the decoder finds exactly this body, or null when there is none. With another
// mark, the last bytes of the body may form a mark that ends earlier, or a longer mark. For a body that the decoder
// returned, there is always such a mark: the one with which the body was received.
const bytes* delimited_format::mark_for(bytes_view body) const {
    // No mark can begin in the body, and description::check() ensures that a mark alone is found whole.
    if (body.empty() || !mark_bytes_[index(body.end()[-1])]) return &marks_[0];
    const bytes_view last = body.from(body.size() - std::min(body.size(), longest_mark_));
    for (const auto& mark : marks_) {
        std::array<std::byte, 2 * most_mark_bytes> room;
        std::memcpy(room.data(), last.data(), last.size());
        std::memcpy(room.data() + last.size(), mark.data(), mark.size());
        const bytes_view border(room.data(), last.size() + mark.size());
        std::size_t end = last.size() + 1;
        while (mark_that_ends(border, end) == 0) ++end;
        if (end == border.size() && mark_that_ends(border, end) == mark.size()) return &mark;
    }
    return nullptr;
}

void delimited_format::put_trailer(bytes_view, bytes_view body, buffer& out) const {
    out.append(longest_mark_ == 1 ? marks_[0] : *mark_for(body));
}

std::string delimited_format::refuse(bytes_view body) const {
    for (std::size_t last = next_last_byte(body, 0); last != body.size(); last = next_last_byte(body, last + 1)) {
        if (mark_that_ends(body, last + 1) != 0) {
            return "it contains an end mark, which would end the message at byte " + std::to_string(last + 1);
        }
    }
    if (longest_mark_ == 1 || mark_for(body) != nullptr) return {};
    return "its last bytes and the end mark after them would form an end mark at another place";
}

}  // namespace weir::internal
