#include "weir/framing/lines.h"

#include <algorithm>

namespace weir {

const std::size_t lines_format::part_bytes = 8192;
namespace {

constexpr std::byte cr{'\r'};
constexpr std::byte lf{'\n'};

// The bytes of an unfinished line that are certain to be its text. Of the carriage returns at its end the last may
// belong to the line's end and the one before it may be what makes the line malformed.
std::size_t settled(bytes_view unfinished) {
    std::size_t size = unfinished.size();
    for (int i = 0; i < 2 && size != 0 && unfinished.data()[size - 1] == cr; ++i) --size;
    return size;
}

}  // namespace

verdict lines_format::measure(const frame_bytes& frame, std::uint64_t& looked) const {
    const bytes_view fresh = frame.content.from(frame.searched);
    const void* const found = fresh.empty() ? nullptr : std::memchr(fresh.data(), '\n', fresh.size());
    if (found == nullptr) {
        looked += fresh.size();
        return verdict::more(frame.content.size() + 1, 0, settled(frame.content));
    }
    const auto size = static_cast<std::size_t>(static_cast<const std::byte*>(found) - frame.content.data());
    looked += size + 1 - frame.searched;
    return line(frame.content.data(), size);
}

verdict lines_format::measure_last(const frame_bytes& frame, std::uint64_t&) const {
    const std::size_t size = frame.content.size();
    if (end_ == end_rule::truncated) return verdict::more(size + 1);
    if (size != 0 && frame.content[size - 1] == cr) return verdict::broken(size - 1, settled(frame.content));
    return verdict::frame(0, size, 0);
}

std::string lines_format::explain(bytes_view frame, std::uint64_t place) const {
    if (frame[place] == lf) return "a line ends in LF without CR before it, and lines:crlf demands CR LF";
    return "a line's text ends in CR, which cannot be told from the CR of a CR LF line end";
}

void lines_format::put_header(std::uint64_t, buffer&) const {}

void lines_format::put_trailer(bytes_view, bytes_view, buffer& out) const { out.append(crlf_ ? "\r\n" : "\n"); }

std::string lines_format::refuse(bytes_view body) const {
    if (body.empty()) return {};
    if (const void* const found = std::memchr(body.data(), '\n', body.size())) {
        const auto place = static_cast<const std::byte*>(found) - body.data();
        return "byte " + std::to_string(place) + " is a line feed, which would end the message there";
    }
    if (body[body.size() - 1] == cr) return "it ends in CR, which would be taken for part of the line end";
    return {};
}

}  // namespace weir
