#include "weir/framing/formats/lengths/netstring.h"

#include <charconv>
#include <string>

#include "weir/base/text.h"

namespace weir::internal {
namespace {

constexpr std::size_t most_digits = 18;

bool is_digit(std::byte b) { return b >= std::byte{'0'} && b <= std::byte{'9'}; }

}  // namespace

verdict netstring_format::measure(const frame_bytes& frame, std::uint64_t& looked) const {
    const bytes_view seen = frame.content;
    std::uint64_t size = 0;
    for (std::size_t i = 0; i < seen.size(); ++i) {
        if (i >= frame.searched) ++looked;
        if (seen[i] == std::byte{':'} && i != 0) return verdict::frame(i + 1, size, 1);
        const bool zero_in_front = i == 1 && seen[0] == std::byte{'0'};
        if (!is_digit(seen[i]) || zero_in_front || i == most_digits) return verdict::broken(i);
        size = size * 10 + std::to_integer<std::uint64_t>(seen[i]) - '0';
    }
    return verdict::more(seen.size() + 1);
}

std::string netstring_format::refuse_trailer(bytes_view, bytes_view, bytes_view trailer) const {
    if (trailer == ",") return {};
    return "a comma ends a netstring, but there is " + quote(trailer) + ": the length is wrong or the comma is missing";
}

std::string netstring_format::explain(bytes_view frame, std::uint64_t place) const {
    const std::string wrong = quote(frame.part(place, 1));
    if (place == 0) return "a netstring begins with its length in digits, not with " + wrong;
    if (place == most_digits) return "the length has more than " + std::to_string(most_digits) + " digits";
    if (is_digit(frame[place])) return "the length has a leading zero";
    return "a colon follows the length, not " + wrong;
}

void netstring_format::put_header(std::uint64_t body_size, buffer& out) const {
    const auto room = out.prepare(most_digits + 2);
    char* const first = reinterpret_cast<char*>(room.data());
    char* const behind = std::to_chars(first, first + most_digits + 1, body_size).ptr;
    *behind = ':';
    out.commit(static_cast<std::size_t>(behind - first) + 1);
}

void netstring_format::put_trailer(bytes_view, bytes_view, buffer& out) const { out.append(","); }

}  // namespace weir::internal
