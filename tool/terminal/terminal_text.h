// Prepares text of a peer for a terminal: control characters, which could control the terminal, become visible text.
#pragma once

#include <string>
#include <string_view>

namespace weir_tool {

// Appends `text` to `out`. Each byte of a control character (C0, DEL, C1) other than a line feed and a tab is written
// in the form \x1b; so are bytes that are not UTF-8. Everything else stays the same. Returns how many bytes of `text`
// were used. Unless it `is_last`, an incomplete character at the end is left: at most 3 bytes.
std::size_t put_for_terminal(std::string& out, std::string_view text, bool is_last);

// Returns the whole text prepared in this way if `is_terminal`; otherwise unchanged.
std::string for_terminal(std::string_view text, bool is_terminal);

}  // namespace weir_tool
