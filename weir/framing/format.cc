#include "weir/framing/format.h"

#include "weir/base/text.h"

namespace weir {

verdict format::measure_last(const frame_bytes& frame, std::uint64_t&) const {
    return verdict::more(frame.content.size() + 1);
}

std::uint64_t format::announced(bytes_view) const { return 0; }
std::string format::remark(bytes_view) const { return {}; }
std::string format::refuse_trailer(bytes_view, bytes_view, bytes_view) const { return {}; }
std::string format::refuse(bytes_view) const { return {}; }
void format::put_trailer(bytes_view, bytes_view, buffer&) const {}

std::string format::explain(bytes_view frame, std::uint64_t place) const {
    return "byte " + std::to_string(place) + " of a frame is " + quote(frame.part(place, 1)) +
           ", which the format does not allow";
}

void format::unstuff(bytes_view body, buffer& plain) const { plain.append(body); }
void format::stuff(buffer&, std::size_t) const {}
std::size_t format::whole_part(bytes_view, std::size_t size) const { return size; }

}  // namespace weir
