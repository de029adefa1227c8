// The text of a framing: NAME[:ARGUMENT][,key=value]...
//
//     NAME      lines delimited fixed len8 len16[le] len24[le] len32[le] len64[le] varint ber decN hexN digits
//               header netstring record chunks idle
//     ARGUMENT  lines       crlf               CR LF is required
//               delimited   MARK[/MARK]...     end marks; the encoder writes the first
//               fixed       SIZE               bytes per message
//               digits      BYTES              what ends the number
//               header      NAME               the field with the length
//               record      FORMAT             in the notation of Python's struct module: !I16sf
//               idle        TIME               the gap that ends a message
//     key       end=truncated|deliver          lines
//               start=BYTES  escape=WIRE:PLAIN[/WIRE:PLAIN]...                  delimited
//               offset=N  after=N  counts=body|payload|field|whole  short=reject|empty
//               header=strip|keep|after  magic=BYTES  trailer=BYTES     len* to digits
//               header=strip|keep              header
//               mask=HEX  flags=HEX  times=N   len*
//               overlong=reject|allow          varint, ber, digits
//               max=SIZE|none                  all but fixed and record, whose messages have one size
//               oversize=close|skip|stream     all but fixed, record and chunks
//               empty=allow|reject|skip        all but fixed, record, chunks and idle
//               check=NAME                     all but chunks; checksum.h lists the names
//               cover=payload|frame|N  order=big|little                         with check
//     BYTES     hex digits in pairs (7e), or quoted with \n \r \t \0 \\ \" \xNN  ("\r\n")
//     SIZE      512, 64KiB, 1MiB, 2GiB         TIME  250us, 20ms, 2s, 5min
//
// Inside quotes a comma, a slash or a colon is an ordinary byte. Each key occurs at most once, in any order. Printing
// omits default values and uses one order. The printed text parses to an equal value.
#pragma once

#include <string>
#include <string_view>

#include "weir/framing/description.h"

namespace [[gnu::visibility("default")]] weir {

// The longest text that parse_framing() accepts, in bytes.
inline constexpr std::size_t most_framing_text_bytes = 4096;

// Parses the text of a framing. On failure the error code is errc::malformed; its subject is the text, and its detail
// names the wrong word and what to write instead. parse_framing() also refuses every description that
// description::check() refuses.
result<description> parse_framing(std::string_view text);

// Checks a description that code made, as parse_framing() checks one from text: each field that is set must apply to
// the kind, and the fields must not contradict each other. A custom framing must have a name that no built-in framing
// has.
result<void> check_framing(const description& fields);

// Returns the text of a description that check_framing() accepts. The text of a custom framing is its name and its
// options; it cannot be parsed.
std::string print_framing(const description& fields);

}  // namespace weir
