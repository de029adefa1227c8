// Prepares text of a peer for a terminal: control characters, which could control the terminal, become visible text.
#pragma once

#include <string>
#include <string_view>

namespace weir_tool {

// Appends `text` to `out`. Each byte of a control character (C0, DEL, C1) other than a line feed and a tab is written
// in the form \x1b; so are bytes that are not UTF-8. Everything else stays the same. Returns how many bytes of `text`
// were used. Unless `is_last` is true, an incomplete character at the end (at most 3 bytes) is not used.
std::size_t put_for_terminal(std::string& out, std::string_view text, bool is_last);

// Returns the whole text, prepared in this way if `is_terminal` is true, and unchanged otherwise.
std::string for_terminal(std::string_view text, bool is_terminal);

}  // namespace weir_tool
