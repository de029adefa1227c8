#include "tool/terminal/terminal_text.h"

#include <fmt/format.h>

#include <iterator>

#include "tool/terminal/json.h"

namespace weir_tool {
namespace {

// `character` is one character in UTF-8.
bool is_harmless(std::string_view character) noexcept {
    const auto first = static_cast<unsigned char>(character.front());
    if (character.size() == 1) return (first >= ' ' && first != 0x7f) || first == '\n' || first == '\t';
    return first != 0xc2 || static_cast<unsigned char>(character[1]) >= 0xa0;  // U+0080 to U+009F are C1
}

void put_escaped(std::string& out, std::string_view bytes) {
    for (const char byte : bytes)
        fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned>(static_cast<unsigned char>(byte)));
}

}  // namespace

std::size_t put_for_terminal(std::string& out, std::string_view text, bool is_last) {
    constexpr std::size_t longest_character = 4;
    std::size_t used = 0;
    while (used < text.size()) {
        const std::string_view rest = text.substr(used);
        const std::size_t length = utf8_length(rest);
        const bool may_go_on =
            length == 0 && rest.size() < longest_character && static_cast<unsigned char>(rest[0]) >= 0xc2;
        if (may_go_on && !is_last) break;
        const std::string_view character = rest.substr(0, length == 0 ? 1 : length);
        if (length != 0 && is_harmless(character)) {
            out += character;
        } else {
            put_escaped(out, character);
        }
        used += character.size();
    }
    return used;
}

std::string for_terminal(std::string_view text, bool is_terminal) {
    if (!is_terminal) return std::string(text);
    std::string shown;
    put_for_terminal(shown, text, true);
    return shown;
}

}  // namespace weir_tool
