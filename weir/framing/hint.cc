#include "weir/framing/hint.h"

#include <algorithm>
#include <array>

#include "weir/base/text.h"

namespace weir::internal {
namespace {

struct opening {
    std::string_view bytes;
    std::string_view name;
};

// The first bytes of well-known protocols. HTTP methods: RFC 9110, 9.1; HTTP/2: RFC 9113, 3.4; TLS: RFC 8446, 5.1; SSH:
// RFC 4253, 4.2.
using namespace std::string_view_literals;
constexpr std::array<opening, 21> openings{
    {{"GET "sv, "an HTTP request"sv},           {"POST "sv, "an HTTP request"sv},
     {"PUT "sv, "an HTTP request"sv},           {"HEAD "sv, "an HTTP request"sv},
     {"DELETE "sv, "an HTTP request"sv},        {"OPTIONS "sv, "an HTTP request"sv},
     {"PATCH "sv, "an HTTP request"sv},         {"CONNECT "sv, "an HTTP request"sv},
     {"TRACE "sv, "an HTTP request"sv},         {"PRI * "sv, "an HTTP/2 connection"sv},
     {"HTTP/"sv, "an HTTP response"sv},         {"SSH-"sv, "an SSH greeting"sv},
     {"PROXY "sv, "a PROXY protocol header"sv}, {"\x16\x03\x00"sv, "a TLS handshake"sv},
     {"\x16\x03\x01"sv, "a TLS handshake"sv},   {"\x16\x03\x02"sv, "a TLS handshake"sv},
     {"\x16\x03\x03"sv, "a TLS handshake"sv},   {"\x16\x03\x04"sv, "a TLS handshake"sv},
     {"\x15\x03\x01"sv, "a TLS alert"sv},       {"\x15\x03\x02"sv, "a TLS alert"sv},
     {"\x15\x03\x03"sv, "a TLS alert"sv}}};

std::uint64_t read_number(bytes_view field, bool little) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < field.size(); ++i) {
        value = (value << 8) | std::to_integer<std::uint64_t>(field[little ? field.size() - 1 - i : i]);
    }
    return value;
}

}  // namespace

std::string_view known_protocol(bytes_view first) {
    for (const auto& known : openings) {
        if (first.text().starts_with(known.bytes)) return known.name;
    }
    return {};
}

bool may_become_known(bytes_view first) {
    return std::any_of(openings.begin(), openings.end(), [&](const opening& known) {
        return first.size() < known.bytes.size() && known.bytes.starts_with(first.text());
    });
}

std::string hint_at_length(bytes_view header, std::size_t place, std::size_t width, bool little, std::uint64_t limit) {
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

}  // namespace weir::internal
