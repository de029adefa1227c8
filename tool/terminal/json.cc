#include "tool/terminal/json.h"

#include <fmt/format.h>

#include <iterator>

#include <weir/base/text.h>

namespace weir_tool {
namespace {

void put_string(std::string& out, std::string_view text) {
    out += '"';
    put_json_text(out, text);
    out += '"';
}

}  // namespace

bool is_utf8(std::string_view text) noexcept {
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

void put_json_text(std::string& out, std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        const char first = text.front();
        if (length == 0) {
            out += "\\ufffd";
        } else if (first == '"' || first == '\\') {
            out += '\\';
            out += first;
        } else if (length == 1 && (first < ' ' || first == '\x7f')) {
            fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(first));
        } else if (length == 2 && first == '\xc2' && static_cast<unsigned char>(text[1]) < 0xa0) {
            fmt::format_to(std::back_inserter(out), "\\u{:04x}",
                           static_cast<unsigned>(static_cast<unsigned char>(text[1])));
        } else {
            out += text.substr(0, length);
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
}

std::size_t utf8_length(std::string_view text) noexcept {
    const auto byte_at = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(text[i])); };
    if (text.empty()) return 0;
    const unsigned first = byte_at(0);
    if (first < 0x80) return 1;
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte_at(i) & 0xc0) != 0x80) return 0;
    }
    const unsigned second = byte_at(1);
    const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
    const bool surrogate = first == 0xed && second > 0x9f;
    const bool beyond = first == 0xf4 && second > 0x8f;
    return overlong || surrogate || beyond ? 0 : length;
}

void json_object::begin(std::string_view name) {
    if (text_.size() > 1) text_ += ',';
    put_string(text_, name);
    text_ += ':';
}

json_object& json_object::add(std::string_view name, std::string_view text) {
    begin(name);
    put_string(text_, text);
    return *this;
}

json_object& json_object::add(std::string_view name, std::uint64_t number) {
    begin(name);
    text_ += std::to_string(number);
    return *this;
}

json_object& json_object::add(std::string_view name, bool truth) {
    begin(name);
    text_ += truth ? "true" : "false";
    return *this;
}

json_object& json_object::add(std::string_view name, const json_object& inner) {
    begin(name);
    text_ += inner.text_ + '}';
    return *this;
}

json_object& json_object::add(std::string_view name, std::span<const json_object> list) {
    begin(name);
    text_ += '[';
    for (const auto& one : list) text_ += (&one == list.data() ? "" : ",") + one.text_ + '}';
    text_ += ']';
    return *this;
}

json_object& json_object::add(std::string_view name, std::span<const std::string> list) {
    begin(name);
    text_ += '[';
    for (const auto& one : list) {
        if (&one != list.data()) text_ += ',';
        put_string(text_, one);
    }
    text_ += ']';
    return *this;
}

json_object& json_object::add_payload(weir::bytes_view payload) {
    begin("payload_hex");
    text_ += '"';
    text_ += weir::to_hex(payload);
    text_ += '"';
    return is_utf8(payload.text()) ? add("text", payload.text()) : *this;
}

std::string_view word_for(weir::errc code) noexcept {
    using weir::errc;
    switch (code) {
        case errc::none: return "none";
        case errc::closed: return "closed";
        case errc::truncated: return "truncated";
        case errc::reset: return "reset";
        case errc::too_large: return "too_large";
        case errc::malformed: return "malformed";
        case errc::timed_out: return "timed_out";
        case errc::cancelled: return "cancelled";
        case errc::broken_pipe: return "broken_pipe";
        case errc::refused: return "refused";
        case errc::unreachable: return "unreachable";
        case errc::in_use: return "in_use";
        case errc::not_available: return "not_available";
        case errc::not_permitted: return "not_permitted";
        case errc::not_found: return "not_found";
        case errc::not_connected: return "not_connected";
        case errc::already_connected: return "already_connected";
        case errc::would_block: return "would_block";
        case errc::no_descriptors: return "no_descriptors";
        case errc::no_memory: return "no_memory";
        case errc::unencodable: return "unencodable";
        case errc::invalid: return "invalid";
        case errc::evicted: return "evicted";
        case errc::over_limit: return "over_limit";
        case errc::untrusted: return "untrusted";
        case errc::unsupported: return "unsupported";
        case errc::system: return "system";
    }
    return "system";
}

}  // namespace weir_tool
