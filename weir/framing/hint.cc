#include "weir/framing/hint.h"

#include <algorithm>
#include <array>

#include "weir/base/text.h"

namespace weir {
namespace {

struct opening {
    std::string_view bytes;
    std::string_view name;
};

// How well-known protocols open. HTTP methods: RFC 9110, 9.1; TLS: RFC 8446, 5.1; SSH: RFC 4253, 4.2.
using namespace std::string_view_literals;
constexpr std::array<opening, 13> openings{{{"GET "sv, "an HTTP request"sv},
                                            {"POST"sv, "an HTTP request"sv},
                                            {"PUT "sv, "an HTTP request"sv},
                                            {"HEAD"sv, "an HTTP request"sv},
                                            {"DELE"sv, "an HTTP request"sv},
                                            {"OPTI"sv, "an HTTP request"sv},
                                            {"PATC"sv, "an HTTP request"sv},
                                            {"CONN"sv, "an HTTP request"sv},
                                            {"PRI "sv, "an HTTP/2 connection"sv},
                                            {"HTTP"sv, "an HTTP response"sv},
                                            {"SSH-"sv, "an SSH greeting"sv},
                                            {"PROX"sv, "a PROXY protocol header"sv},
                                            {"\x16\x03"sv, "a TLS handshake"sv}}};

std::uint64_t read_number(bytes_view field, bool little) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < field.size(); ++i) {
        value = (value << 8) | std::to_integer<std::uint64_t>(field[little ? field.size() - 1 - i : i]);
    }
    return value;
}

}  // namespace

std::string known_protocol(bytes_view first) {
    // Three bytes of a TLS record: the type, and a version whose second byte is small.
    for (const auto& known : openings) {
        if (first.size() < 3) break;
        const std::size_t compared = std::min(known.bytes.size(), first.size());
        if (first.text().substr(0, compared) == known.bytes.substr(0, compared)) return std::string(known.name);
    }
    return {};
}

std::string hint_at_length(bytes_view header, std::size_t place, std::size_t width, bool little, std::uint64_t limit) {
    if (const auto protocol = known_protocol(header); !protocol.empty()) return " (this looks like " + protocol + ")";
    const bytes_view field = header.part(place, width);
    const bool legible = std::all_of(field.begin(), field.end(), [](std::byte b) {
        const char c = static_cast<char>(b);
        return (c >= ' ' && c <= '~') || c == '\r' || c == '\n' || c == '\t';
    });
    if (width > 1 && legible) return " (its bytes are the text " + quote(field) + ")";
    const std::uint64_t swapped = read_number(field, !little);
    if (width > 1 && swapped <= limit && swapped != read_number(field, little)) {
        return " (it would be " + std::to_string(swapped) + " in " + (little ? "big" : "little") + "-endian)";
    }
    return {};
}

}  // namespace weir
