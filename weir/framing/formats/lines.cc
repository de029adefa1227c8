#include "weir/framing/formats/lines.h"

namespace weir::internal {
namespace {

constexpr std::byte cr{'\r'};
constexpr std::byte lf{'\n'};

fast_path ending_of(const description& fields) noexcept {
    using rule = end_mark::rule;
    return fast_path(end_mark(lf, cr, fields.crlf ? rule::before_is_required : rule::before_is_optional));
}

// Returns how many bytes of an unfinished line certainly belong to its text. A carriage return at its end may belong to
// the line end, and a second one before it may make the line malformed.
std::size_t settled(bytes_view unfinished) {
    std::size_t size = unfinished.size();
    for (int i = 0; i < 2 && size != 0 && unfinished.data()[size - 1] == cr; ++i) --size;
    return size;
}

}  // namespace

lines_format::lines_format(const description& fields) noexcept : format(ending_of(fields)), end_(fields.end) {}

verdict lines_format::measure(const frame_bytes& frame, std::uint64_t& looked) const {
    const std::byte* const begin = frame.content.data();
    const bytes_view fresh = frame.content.from(frame.searched);
    const std::byte* const found = fresh.empty() ? nullptr : mark().find(fresh);
    if (found == nullptr) {
        looked += fresh.size();
        return verdict::more(frame.content.size() + 1, 0, settled(frame.content));
    }
    const auto before_lf = static_cast<std::size_t>(found - begin);
    looked += before_lf + 1 - frame.searched;
    const std::size_t text = mark().text_bytes(begin, before_lf);
    if (text != end_mark::no_text) return verdict::frame(0, text, before_lf + 1 - text);
    const bool cr_is_missing = before_lf == 0 || begin[before_lf - 1] != cr;
    const std::size_t place = cr_is_missing ? before_lf : before_lf - 2;
    return verdict::broken(place, place);
}

verdict lines_format::measure_last(const frame_bytes& frame, std::uint64_t&) const {
    const std::size_t size = frame.content.size();
    if (end_ == end_rule::truncated) return verdict::more(size + 1);
    if (size != 0 && frame.content[size - 1] == cr) return verdict::broken(size - 1, settled(frame.content));
    return verdict::frame(0, size, 0);
}

std::string lines_format::explain(bytes_view frame, std::uint64_t place) const {
    if (frame[place] == lf) return "a line ends in LF without CR before it, and lines:crlf requires CR LF";
    return "a line's text ends in CR, which cannot be distinguished from the CR of a CR LF line end";
}

void lines_format::put_header(std::uint64_t, buffer&) const {}

void lines_format::put_trailer(bytes_view, bytes_view, buffer& out) const {
    mark().write(out.prepare(end_mark::most_wire_bytes).data());
    out.commit(mark().wire_bytes());
}

std::string lines_format::refuse(bytes_view body) const {
    if (body.empty()) return {};
    if (const std::byte* const found = mark().find(body)) {
        return "byte " + std::to_string(found - body.data()) + " is a line feed, which would end the message there";
    }
    if (mark().is_wrong_end(body)) return "it ends in CR, which would be taken for part of the line end";
    return {};
}

}  // namespace weir::internal
