// Messages to standard output: as lines, in hex, framed, or as JSON. Writing may have to wait for a reader, so that it is a step of
// its own.
#pragma once

#include <optional>
#include <string_view>

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

    // Keeps it until flush(), which is due when this is full. Errors: unencodable and too_large, then nothing is kept.
    weir::result<void> put(weir::bytes_view payload);
    // A line of JSON between the messages.
    void put_line(std::string_view line) { out_.pending().append(weir::bytes_view(line)); }
    bool is_full() { return out_.pending().size() >= most_kept; }

    // May wait for whoever reads, unless takes_at_once(). Errors: those of standard_output.
    weir::result<void> flush() { return out_.flush(); }
    bool takes_at_once() const noexcept { return out_.takes_at_once(); }

private:
    enum class style { lines, framed, hex, json };

    explicit message_output(style which) : style_(which) {}
    void put_as_line(weir::bytes_view payload);

    static constexpr std::size_t most_kept = 64 * 1024;

    style style_;
    std::optional<weir::encoder> encoder_;  // style::framed
    bool warned_ = false;
    std::uint64_t number_ = 0;
    standard_output out_;
};

}  // namespace weir_tool
