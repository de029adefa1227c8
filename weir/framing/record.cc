#include "weir/framing/record.h"

#include <string>

#include "weir/base/text.h"

namespace weir {
namespace {

// Standard sizes, from Python's struct documentation, "Format Characters"; 0 when there is no such character.
std::uint64_t field_bytes(char code) {
    switch (code) {
        case 'x':
        case 'c':
        case 'b':
        case 'B':
        case '?':
        case 's':
        case 'p': return 1;
        case 'h':
        case 'H':
        case 'e': return 2;
        case 'i':
        case 'I':
        case 'l':
        case 'L':
        case 'f': return 4;
        case 'q':
        case 'Q':
        case 'd': return 8;
        default: return 0;
    }
}

}  // namespace

result<std::uint64_t> record_bytes(std::string_view format) {
    const auto refuse = [](std::string why) { return error(errc::malformed, "record", {}, std::move(why)); };
    if (format.empty() || std::string_view("!<>").find(format[0]) == std::string_view::npos) {
        return refuse(
            "a record begins with its byte order: ! or > (big-endian) or < (little-endian), like record:!I16sf");
    }
    std::uint64_t total = 0;
    for (std::size_t i = 1; i < format.size();) {
        std::size_t digits = i;
        while (digits < format.size() && format[digits] >= '0' && format[digits] <= '9') ++digits;
        if (digits - i > 9) return refuse("a count of more than 9 digits");
        std::uint64_t count = 1;
        if (digits != i) {
            count = 0;
            for (; i < digits; ++i) count = count * 10 + static_cast<std::uint64_t>(format[i] - '0');
        }
        if (i == format.size()) return refuse("the count at the end counts nothing");
        const std::uint64_t size = field_bytes(format[i]);
        if (size == 0) {
            return refuse("no field is called " + quote(format.substr(i, 1)) +
                          "; there are: x c b B ? h H i I l L q Q e f d s p");
        }
        total += count * size;
        ++i;
        if (total > (1u << 30)) return refuse("a record of more than 1 GiB");
    }
    if (total == 0) return refuse("a record of no bytes has no end");
    return total;
}

}  // namespace weir
