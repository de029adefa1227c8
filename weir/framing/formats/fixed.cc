#include "weir/framing/formats/fixed.h"

#include <algorithm>

#include "weir/base/text.h"

namespace weir::internal {

verdict fixed_format::measure(const frame_bytes&, std::uint64_t&) const {
    return verdict::frame(0, size_ + check_bytes_, 0);
}

std::string fixed_format::refuse(bytes_view body) const {
    if (body.size() == size_ + check_bytes_) return {};
    return "it has " + say_size(body.size() - check_bytes_) + ", but every message has " + say_size(size_);
}

verdict chunks_format::measure(const frame_bytes& frame, std::uint64_t&) const {
    return verdict::frame(0, std::min<std::uint64_t>(frame.content.size(), limit_), 0);
}

std::string chunks_format::refuse(bytes_view body) const {
    return body.empty() ? "it is empty, and an empty chunk is nothing on the wire" : "";
}

verdict idle_format::measure(const frame_bytes& frame, std::uint64_t&) const {
    return verdict::more(frame.content.size() + 1, 0, frame.content.size());
}

verdict idle_format::measure_last(const frame_bytes& frame, std::uint64_t&) const {
    return verdict::frame(0, frame.content.size(), 0);
}

std::string idle_format::refuse(bytes_view body) const {
    return body.empty() ? "it is empty, and a gap alone is not a message" : "";
}

}  // namespace weir::internal
