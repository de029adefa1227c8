#include "weir/framing/format.h"

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

std::string format::remark(bytes_view) const { return {}; }
std::string format::refuse_trailer(bytes_view) const { return {}; }
void format::unstuff(bytes_view body, buffer& plain) const { plain.append(body); }
void format::stuff(buffer&, std::size_t) const {}
std::size_t format::whole_part(bytes_view, std::size_t size) const { return size; }

std::unique_ptr<const format> make_format(const description& fields) {
    switch (fields.kind) {
        case framing_kind::lines: return std::make_unique<lines_format>(fields);
        case framing_kind::length: return std::make_unique<length_format>(fields);
        case framing_kind::delimited: return std::make_unique<delimited_format>(fields);
        case framing_kind::fixed:
        case framing_kind::record: return std::make_unique<fixed_format>(fields.limit(), fields.check_bytes());
        case framing_kind::varint: return std::make_unique<varint_format>(fields);
        case framing_kind::netstring: return std::make_unique<netstring_format>();
        case framing_kind::chunks: return std::make_unique<chunks_format>(fields.limit());
        case framing_kind::idle: return std::make_unique<idle_format>();
    }
    return nullptr;
}

}  // namespace weir
