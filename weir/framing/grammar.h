// The text of a framing: NAME[:ARGUMENT][,key=value]...
//
//     NAME      lines delimited fixed len8 len16[le] len24[le] len32[le] len64[le] varint netstring record chunks idle
//     ARGUMENT  lines       crlf               CR LF is demanded
//               delimited   MARK[/MARK]...     end marks; the encoder writes the first
//               fixed       SIZE               bytes a message
//               record      FORMAT             as Python's struct module writes it: !I16sf
//               idle        TIME               the gap that ends a message
//     key       end=truncated|deliver          lines
//               start=BYTES  escape=WIRE:PLAIN[/WIRE:PLAIN]...                  delimited
//               offset=N  counts=body|payload|field|whole  header=strip|keep  magic=BYTES    len*, varint
//               overlong=reject|allow          varint
//               max=SIZE|none                  all but fixed and record, whose messages have one size
//               oversize=close|skip|stream     all but fixed, record and chunks
//               empty=allow|reject             all but fixed, record, chunks and idle
//               check=xor8|sum8|crc16-modbus|crc16-x25|crc32|crc32c             all but chunks
//               cover=payload|frame|N  order=big|little                         with check
//     BYTES     hex digits in pairs (7e), or quoted with \n \r \t \0 \\ \" \xNN  ("\r\n")
//     SIZE      512, 64KiB, 1MiB, 2GiB         TIME  250us, 20ms, 2s, 5min
//
// Inside quotes a comma, a slash or a colon is itself. Each key stands at most once, in any order. Printing leaves out
// what has its default, keeps one order, and what is printed parses to an equal value.
#pragma once

#include <string>
#include <string_view>

#include "weir/framing/description.h"

namespace [[gnu::visibility("default")]] weir {

// The longest text that is read, in bytes.
inline constexpr std::size_t most_framing_text_bytes = 4096;

// The description that the text gives. The error's subject is the text, its detail names the wrong word and what to
// write instead; a description that contradicts itself is refused as description::check() does.
result<description> parse_framing(std::string_view text);

// What parse_framing() looks for, of a description that was made in code: all that it says means something for its
// kind, and it does not contradict itself. A custom one has a name of its own.
result<void> check_framing(const description& fields);

// The text of a description that check_framing() accepts. The text of a custom one is its name and its options; it
// cannot be parsed.
std::string print_framing(const description& fields);

}  // namespace weir
