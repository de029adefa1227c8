#include "weir/framing/format.h"

#include "weir/base/text.h"
#include "weir/framing/custom.h"
#include "weir/framing/delimited.h"
#include "weir/framing/fixed.h"
#include "weir/framing/length.h"
#include "weir/framing/lines.h"
#include "weir/framing/netstring.h"
#include "weir/framing/varint.h"

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
           ", and no frame goes on like that";
}

void format::unstuff(bytes_view body, buffer& plain) const { plain.append(body); }
void format::stuff(buffer&, std::size_t) const {}
std::size_t format::whole_part(bytes_view, std::size_t size) const { return size; }

std::shared_ptr<const format> make_format(const description& fields) {
    switch (fields.kind) {
        case framing_kind::lines: return std::make_shared<lines_format>(fields);
        case framing_kind::length: return std::make_shared<length_format>(fields);
        case framing_kind::delimited: return std::make_shared<delimited_format>(fields);
        case framing_kind::fixed:
        case framing_kind::record: return std::make_shared<fixed_format>(fields.limit(), fields.check_bytes());
        case framing_kind::varint: return std::make_shared<varint_format>(fields);
        case framing_kind::netstring: return std::make_shared<netstring_format>();
        case framing_kind::chunks: return std::make_shared<chunks_format>(fields.limit());
        case framing_kind::idle: return std::make_shared<idle_format>();
        case framing_kind::custom: return std::make_shared<custom_format>(fields.own);
    }
    return nullptr;
}

}  // namespace weir
