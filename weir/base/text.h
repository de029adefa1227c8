// Converts numbers, sizes, durations, hex digits and quoted bytes from and to text. Parsing is strict, and printed text
// parses to the same value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "weir/base/bytes.h"
#include "weir/base/result.h"
#include "weir/base/time.h"

namespace [[gnu::visibility("default")]] weir {

// Parses decimal digits. Returns nothing for a sign, a space, a superfluous leading zero, any other text, or a number
// that does not fit.
std::optional<std::uint64_t> parse_unsigned(std::string_view text) noexcept;

// Parses a size in bytes: "512", "64KiB", "1MiB", "2GiB". The error for an unknown unit lists the units.
result<std::uint64_t> parse_size(std::string_view text);
// Prints a size in the largest unit that represents it exactly: 65536 is "64KiB", 1000 is "1000".
std::string format_size(std::uint64_t size);
// Prints a size for use in a sentence: "1 byte", "12 bytes", "1 MiB".
std::string say_size(std::uint64_t size);

// Parses a duration that is not negative: "250us", "20ms", "2s", "5min", "1h", "10ns". The error for an unknown unit
// lists the units.
result<duration> parse_duration(std::string_view text);
// Prints a duration in the largest unit that represents it exactly.
std::string format_duration(duration time);

// Parses pairs of hex digits, upper or lower case, without spaces. Returns nothing for any other text.
std::optional<bytes> parse_hex(std::string_view text);
// Prints two lower-case hex digits for each byte.
std::string to_hex(bytes_view content);

// Prints bytes for people, in double quotes. Line feed, carriage return, tab, backslash and quote are printed as \n \r
// \t \\ \". Other printable ASCII is unchanged, and any other byte is printed as \xNN. If there are more than `limit`
// bytes, it prints the first `limit` of them, and "..." after the closing quote.
std::string quote(bytes_view content, std::size_t limit = SIZE_MAX);
// Returns the text unchanged if it is at most `limit` bytes of printable ASCII, otherwise quote(text, limit).
std::string show(std::string_view text, std::size_t limit);
// Parses the output of quote(), including the quotes, back to bytes. It also accepts \0. Returns nothing for any other
// text.
std::optional<bytes> parse_quoted(std::string_view text);

}  // namespace weir
