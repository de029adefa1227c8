// Messages to standard output: as lines, in hex, framed, or as JSON.
#pragma once

#include <optional>

#include <weir/base/bytes.h>
#include <weir/framing/encoder.h>

#include "standard_output.h"

namespace weir_tool {

// Thread safety: one thread at a time.
class message_output {
public:
    // `lines` writes each payload and a line feed, whatever is in it, and warns once when a reader could not tell where
    // it ends; any other framing refuses what it cannot carry.
    static message_output framed(weir::framing described);
    static message_output hex() { return message_output(style::hex); }
    static message_output json() { return message_output(style::json); }

    // Errors: unencodable and too_large, then nothing is written; otherwise those of standard_output.
    weir::result<void> write(weir::bytes_view payload);
    weir::result<void> flush() { return out_.flush(); }
    // A line of JSON between the messages.
    weir::result<void> write_line(const std::string& line) { return out_.write(line); }

private:
    enum class style { lines, framed, hex, json };

    explicit message_output(style which) : style_(which) {}
    weir::result<void> write_as_line(weir::bytes_view payload);

    style style_;
    std::optional<weir::encoder> encoder_;  // style::framed
    bool warned_ = false;
    std::uint64_t number_ = 0;
    standard_output out_;
};

}  // namespace weir_tool
