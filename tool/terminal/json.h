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
    // Makes an object that begins with {"event":"opened" ...
    explicit json_object(std::string_view event) { add("event", event); }
    // Makes an object without an event, to be added to another object.
    json_object() = default;

    // For names and sentences: replaces bytes that are not UTF-8 with U+FFFD. Use add_payload() for a payload.
    json_object& add(std::string_view name, std::string_view text);
    json_object& add(std::string_view name, const char* text) { return add(name, std::string_view(text)); }
    json_object& add(std::string_view name, std::uint64_t number);
    json_object& add(std::string_view name, bool truth);
    json_object& add(std::string_view name, const json_object& inner);
    json_object& add(std::string_view name, std::span<const json_object> list);
    json_object& add(std::string_view name, std::span<const std::string> list);
    // Adds "payload_hex", and "text" if the payload is valid UTF-8.
    json_object& add_payload(weir::bytes_view payload);

    // The text so far, without the final brace.
    const std::string& unfinished() const noexcept { return text_; }
    // The object and a newline.
    std::string line() const { return text_ + "}\n"; }

private:
    void begin(std::string_view name);

    std::string text_ = "{";
};

// Returns the length in bytes of the first character of `text` in valid UTF-8 (RFC 3629: no surrogates, no overlong
// forms); 0 if there is none.
std::size_t utf8_length(std::string_view text) noexcept;
// Whether `text` consists of such characters.
bool is_utf8(std::string_view text) noexcept;
// Appends the text as the content of a JSON string, without the quotes. Control characters (also C1) and bytes that are
// not UTF-8 become \uNNNN.
void put_json_text(std::string& out, std::string_view text);

// Returns the word for a close reason or an error: "closed", "too_large", "refused" ...
std::string_view word_for(weir::errc code) noexcept;

}  // namespace weir_tool
