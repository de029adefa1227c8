// Messages to standard output: as lines, in hex, framed, or as JSON. A large message is written in portions, so that no
// form of it takes memory of its own. Writing may have to wait for a reader, so that it is a step of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <weir/base/bytes.h>
#include <weir/framing/encoder.h>

#include "standard_output.h"

namespace weir_tool {

//     if (auto begun = output.begin(payload); !begun) ...
//     while (!output.fill()) output.flush();
//
// Thread safety: one thread at a time.
class message_output {
public:
    // What becomes of control characters when standard output is a terminal. Everywhere else each byte is written as it
    // is.
    enum class control { escaped, raw };

    // `lines` writes each payload and a line feed, whatever is in it, and warns once when a reader could not tell where
    // it ends; any other framing refuses what it cannot carry.
    static message_output framed(weir::framing described, control how);
    static message_output hex() { return message_output(style::hex); }
    static message_output json() { return message_output(style::json); }

    // Takes the next message, when fill() has said true of the one before. The payload is lent until it says so of this
    // one. Errors: unencodable and too_large, then nothing is taken.
    weir::result<void> begin(weir::bytes_view payload);
    // Keeps as much of it as has room until flush(). False: flush() is due, and fill() again behind it.
    bool fill();
    // A line of JSON between the messages.
    void put_line(std::string_view line) { out_.pending().append(weir::bytes_view(line)); }
    // flush() is due before the next message.
    bool is_full() { return out_.pending().size() >= most_kept; }

    // May wait for whoever reads, unless takes_at_once(). Errors: those of standard_output.
    weir::result<void> flush() { return out_.flush(); }
    bool takes_at_once() const noexcept { return out_.takes_at_once(); }

private:
    enum class style { lines, framed, hex, json };
    // What of a message is written next: what stands in front, its payload, the payload again as JSON text, and what
    // stands behind.
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
    std::size_t written_ = 0;  // of the payload, or of it as text
    bool has_text_ = false;
    weir::buffer front_;
    weir::buffer back_;
};

}  // namespace weir_tool
