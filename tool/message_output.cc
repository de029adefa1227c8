#include "message_output.h"

#include <fmt/format.h>

#include <cstring>

#include <weir/base/text.h>

#include "json.h"
#include "talk.h"

namespace weir_tool {

message_output message_output::framed(weir::framing described) {
    const bool plain_lines = described.fields().kind == weir::framing_kind::lines && !described.fields().crlf;
    message_output made(plain_lines ? style::lines : style::framed);
    if (!plain_lines) made.encoder_.emplace(std::move(described));
    return made;
}

weir::result<void> message_output::put(weir::bytes_view payload) {
    ++number_;
    switch (style_) {
        case style::lines: put_as_line(payload); break;
        case style::hex: put_line(weir::to_hex(payload) + "\n"); break;
        case style::json: put_line(json_object("message").add("number", number_).add_payload(payload).line()); break;
        case style::framed: return encoder_->encode(payload, out_.pending());
    }
    return {};
}

void message_output::put_as_line(weir::bytes_view payload) {
    const std::string_view text = payload.text();
    const bool has_newline = text.find('\n') != text.npos;
    if (!warned_ && (has_newline || text.ends_with('\r'))) {
        warned_ = true;
        complain("weir connect",
                 fmt::format("warning: message {} {}, so the lines of the output are not the messages; use --out hex, "
                             "--out len32 or --json (said once)",
                             number_, has_newline ? "contains a newline" : "ends in CR"));
    }
    out_.pending().append(payload);
    put_line("\n");
}

}  // namespace weir_tool
