#include "weir/framing/formats/make_format.h"

#include "weir/framing/formats/custom.h"
#include "weir/framing/formats/delimited.h"
#include "weir/framing/formats/fixed.h"
#include "weir/framing/formats/lengths/ber.h"
#include "weir/framing/formats/lengths/header.h"
#include "weir/framing/formats/lengths/length.h"
#include "weir/framing/formats/lengths/netstring.h"
#include "weir/framing/formats/lengths/text_length.h"
#include "weir/framing/formats/lengths/varint.h"
#include "weir/framing/formats/lines.h"

namespace weir::internal {

std::shared_ptr<const format> make_format(const description& fields) {
    switch (fields.kind) {
        case framing_kind::lines: return std::make_shared<lines_format>(fields);
        case framing_kind::length: return std::make_shared<length_format>(fields);
        case framing_kind::delimited: return std::make_shared<delimited_format>(fields);
        case framing_kind::fixed:
        case framing_kind::record: return std::make_shared<fixed_format>(fields.limit(), fields.check_bytes());
        case framing_kind::varint: return std::make_shared<varint_format>(fields);
        case framing_kind::ber: return std::make_shared<ber_format>(fields);
        case framing_kind::decimal:
        case framing_kind::hex: return std::make_shared<text_length_format>(fields);
        case framing_kind::digits: return std::make_shared<digits_format>(fields);
        case framing_kind::header: return std::make_shared<header_format>(fields);
        case framing_kind::netstring: return std::make_shared<netstring_format>();
        case framing_kind::chunks: return std::make_shared<chunks_format>(fields.limit());
        case framing_kind::idle: return std::make_shared<idle_format>();
        case framing_kind::custom: return std::make_shared<custom_format>(fields.own);
    }
    return nullptr;
}

}  // namespace weir::internal
