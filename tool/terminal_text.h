// Text of a peer, for a terminal: control characters, with which a terminal can be made to do things, are shown and not
// obeyed.
#pragma once

#include <string>
#include <string_view>

namespace weir_tool {

// Appends `text` to `out`. A control character (C0, DEL, C1) other than a line feed and a tab is written as \x1b, each
// of its bytes so, and so are bytes that are no UTF-8; all else stays. Returns how many bytes of `text` were used: all,
// or, unless it `is_last`, all but the beginning of a character whose other bytes may follow, at most 3 bytes.
std::size_t put_for_terminal(std::string& out, std::string_view text, bool is_last);

// The whole text, where `is_terminal`; else the text as it is.
std::string for_terminal(std::string_view text, bool is_terminal);

}  // namespace weir_tool
