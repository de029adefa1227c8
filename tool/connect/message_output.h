// Writes messages to standard output: as lines, in hex, framed, or as JSON. A large message is written in portions, so
// that its output form needs no memory of its own. flush() is a separate step, because it may wait for the reader.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <weir/base/bytes.h>
#include <weir/framing/encoder.h>

#include "tool/terminal/standard_output.h"

namespace weir_tool {

//     if (auto begun = output.begin(payload); !begun) ...
//     while (!output.fill()) output.flush();
//
// Thread safety: one thread at a time.
class message_output {
public:
    // How control characters are written when standard output is a terminal. Otherwise each byte is written unchanged.
    enum class control { escaped, raw };

    // The framing `lines` writes each payload and a line feed, whatever the payload contains. The object warns once if
    // a reader could not find the end of a message. Any other framing rejects a payload that it cannot carry.
    static message_output framed(weir::framing described, control how);
    static message_output hex() { return message_output(style::hex); }
    static message_output json() { return message_output(style::json); }

    // Takes the next message, after fill() returned true for the one before. The payload must stay valid until fill()
    // returns true. Errors: unencodable and too_large; the message is then not taken.
    weir::result<void> begin(weir::bytes_view payload);
    // Puts as much of the message into the buffer as fits. Returns false when the rest does not fit: call flush(), then
    // fill() again.
    bool fill();
    // Adds a line of JSON between the messages.
    void put_line(std::string_view line) { out_.pending().append(weir::bytes_view(line)); }
    // True when flush() is due before the next message.
    bool is_full() { return out_.pending().size() >= most_kept; }

    // Writes the buffer. May wait for the reader, unless takes_at_once() is true. Errors: those of standard_output.
    weir::result<void> flush() { return out_.flush(); }
    bool takes_at_once() const noexcept { return out_.takes_at_once(); }

private:
    enum class style { lines, framed, hex, json };
    // The part of a message that is written next: the bytes before the payload, the payload, the payload again as JSON
    // text, or the bytes after it.
    enum class part { front, payload, text, back, nothing };

    explicit message_output(style which) : style_(which) {}
    weir::result<void> surround();
    void surround_with_json();
    void warn_of_line_ends();
    void put_portion();
    void put_plain(weir::bytes_view content, bool is_last);
    void put_text_portion();
    void put_back();

    static constexpr std::size_t most_kept = 64 * 1024;
    static constexpr std::size_t portion_bytes = 16 * 1024;

    style style_;
    bool escapes_ = false;
    std::optional<weir::encoder> encoder_;  // style::framed
    bool warned_ = false;
    std::uint64_t number_ = 0;
    standard_output out_;

    part next_ = part::nothing;
    weir::bytes_view payload_;
    std::size_t written_ = 0;  // of the payload, or of its text
    bool has_text_ = false;
    weir::buffer front_;
    weir::buffer back_;
};

}  // namespace weir_tool
