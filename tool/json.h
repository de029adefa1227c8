// One JSON object (RFC 8259), written in the order in which its members are added.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <weir/base/bytes.h>
#include <weir/base/error.h>

namespace weir_tool {

class json_object {
public:
    // {"event":"opened" ...
    explicit json_object(std::string_view event) { add("event", event); }
    // { ...: an object inside another.
    json_object() = default;

    // Bytes that are no UTF-8 are replaced by U+FFFD: for names and sentences. A payload has its own function.
    json_object& add(std::string_view name, std::string_view text);
    json_object& add(std::string_view name, const char* text) { return add(name, std::string_view(text)); }
    json_object& add(std::string_view name, std::uint64_t number);
    json_object& add(std::string_view name, bool truth);
    json_object& add(std::string_view name, std::span<const json_object> list);
    json_object& add(std::string_view name, std::span<const std::string> list);
    // "payload_hex", and "text" too when it is valid UTF-8.
    json_object& add_payload(weir::bytes_view payload);

    // What has been written of it: without the brace at the end.
    const std::string& unfinished() const noexcept { return text_; }
    // The object and a newline.
    std::string line() const { return text_ + "}\n"; }

private:
    void begin(std::string_view name);

    std::string text_ = "{";
};

// How many bytes at the front of `text` are one character in valid UTF-8 (RFC 3629: no surrogates, nothing longer than
// needed); 0 when they are none.
std::size_t utf8_length(std::string_view text) noexcept;
// Whether it is a row of such characters.
bool is_utf8(std::string_view text) noexcept;
// Appends the text as it stands between the quotes of a JSON string; controls, C1 too, and what is no UTF-8 as \uNNNN.
void put_json_text(std::string& out, std::string_view text);

// The word for a close reason or an error: "closed", "too_large", "refused" ...
std::string_view word_for(weir::errc code) noexcept;

}  // namespace weir_tool
