#include "tool/connect/message_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include <weir/base/text.h>

#include "tool/command/talk.h"
#include "tool/terminal/json.h"
#include "tool/terminal/terminal_text.h"

namespace weir_tool {

message_output message_output::framed(weir::framing described, control how) {
    const bool plain_lines = described.fields().kind == weir::framing_kind::lines && !described.fields().crlf;
    message_output made(plain_lines ? style::lines : style::framed);
    made.escapes_ = how == control::escaped && made.out_.is_terminal();
    if (!plain_lines) made.encoder_.emplace(std::move(described));
    return made;
}

weir::result<void> message_output::begin(weir::bytes_view payload) {
    ++number_;
    front_.clear();
    back_.clear();
    payload_ = payload;
    written_ = 0;
    has_text_ = false;
    if (auto surrounded = surround(); !surrounded) return surrounded;
    next_ = part::front;
    return {};
}

weir::result<void> message_output::surround() {
    switch (style_) {
        case style::lines:
            warn_of_line_ends();
            back_.append("\n");
            return {};
        case style::hex: back_.append("\n"); return {};
        case style::json: surround_with_json(); return {};
        case style::framed: break;
    }
    const auto is_around = encoder_->encode_around(payload_, front_, back_);
    if (!is_around) return is_around.error();
    if (*is_around) return {};
    if (auto encoded = encoder_->encode(payload_, front_); !encoded) return encoded;
    payload_ = {};
    return {};
}

void message_output::surround_with_json() {
    std::string head = json_object("message").add("number", number_).unfinished();
    head += R"(,"payload_hex":")";
    front_.append(weir::bytes_view(head));
    has_text_ = is_utf8(payload_.text());
    back_.append("\"}\n");
}

void message_output::warn_of_line_ends() {
    const std::string_view text = payload_.text();
    const bool has_newline = !warned_ && text.find('\n') != text.npos;
    if (warned_ || (!has_newline && !text.ends_with('\r'))) return;
    warned_ = true;
    complain("weir connect",
             fmt::format("warning: message {} {}, so a line of the output is not always one message; use --out hex, "
                         "--out len32 or --json (shown once)",
                         number_, has_newline ? "contains a newline" : "ends in CR"));
}

bool message_output::fill() {
    while (next_ != part::nothing) {
        if (is_full()) return false;
        switch (next_) {
            case part::front:
                put_plain(front_.view(), true);
                next_ = part::payload;
                break;
            case part::payload: put_portion(); break;
            case part::text: put_text_portion(); break;
            case part::back:
                put_back();
                next_ = part::nothing;
                break;
            case part::nothing: break;
        }
    }
    payload_ = {};
    if (front_.capacity() > most_kept) front_.release();  // a frame that could not be written in portions
    return true;
}

void message_output::put_portion() {
    const weir::bytes_view rest = payload_.from(written_);
    const weir::bytes_view portion = rest.first(std::min(rest.size(), portion_bytes));
    written_ += portion.size();
    const bool is_last = written_ == payload_.size();
    if (style_ == style::hex || style_ == style::json) {
        put_line(weir::to_hex(portion));
    } else {
        put_plain(portion, is_last);
    }
    if (!is_last) return;
    next_ = part::back;
    if (!has_text_) return;
    put_line(R"(","text":")");
    written_ = 0;
    next_ = part::text;
}

// The end of a line is written unchanged on a terminal, too.
void message_output::put_back() {
    const bool ends_line = encoder_ && encoder_->described().fields().kind == weir::framing_kind::lines;
    if (ends_line) return out_.pending().append(back_.view());
    put_plain(back_.view(), true);
}

// On a terminal, leaves an incomplete character for the next portion.
void message_output::put_plain(weir::bytes_view content, bool is_last) {
    if (!escapes_ || style_ == style::json || style_ == style::hex) return out_.pending().append(content);
    std::string shown;
    const std::size_t used = put_for_terminal(shown, content.text(), is_last);
    if (!is_last) written_ -= content.size() - used;
    put_line(shown);
}

void message_output::put_text_portion() {
    std::string_view rest = payload_.text().substr(written_);
    std::size_t size = std::min(rest.size(), portion_bytes);
    const auto continues = [&](char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; };
    while (size < rest.size() && continues(rest[size])) --size;
    std::string escaped;
    put_json_text(escaped, rest.substr(0, size));
    put_line(escaped);
    written_ += size;
    if (written_ == payload_.size()) next_ = part::back;
}

}  // namespace weir_tool
