// Numbers, sizes, durations, hex and quoted bytes as a person writes them: parsed strictly, printed so that parsing
// gives the same value back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "weir/base/bytes.h"
#include "weir/base/result.h"
#include "weir/base/time.h"

namespace [[gnu::visibility("default")]] weir {

// Decimal digits only, no sign, no space, no superfluous zero in front; nothing when it does not fit.
std::optional<std::uint64_t> parse_unsigned(std::string_view text) noexcept;

// "512", "64KiB", "1MiB", "2GiB": bytes. The error says which units there are.
result<std::uint64_t> parse_size(std::string_view text);
// The largest unit that says it exactly: 65536 is "64KiB", 1000 is "1000".
std::string format_size(std::uint64_t size);
// For sentences: "1 byte", "12 bytes", "1 MiB".
std::string say_size(std::uint64_t size);

// "250us", "20ms", "2s", "5min", "1h", "10ns": not negative. The error says which units there are.
result<duration> parse_duration(std::string_view text);
// The largest unit that says it exactly.
std::string format_duration(duration time);

// Pairs of hex digits of either case, no spaces; nothing when it is not that.
std::optional<bytes> parse_hex(std::string_view text);
// Lower case, two digits a byte.
std::string to_hex(bytes_view content);

// Bytes for a person, in double quotes: printable ASCII as it is; \n \r \t \\ \" by name; anything else as \xNN.
// At most `limit` bytes are shown, then "..." follows the closing quote.
std::string quote(bytes_view content, std::size_t limit = SIZE_MAX);
// The text itself when it is at most `limit` bytes of printable ASCII, else as quote() shows it.
std::string show(std::string_view text, std::size_t limit);
// What quote() wrote, back to bytes (the quotes included in `text`). Also knows \0. Nothing when it is not that.
std::optional<bytes> parse_quoted(std::string_view text);

}  // namespace weir
