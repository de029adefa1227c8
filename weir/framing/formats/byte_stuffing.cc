#include "weir/framing/formats/byte_stuffing.h"

#include <algorithm>
#include <cstring>

namespace weir::internal {

byte_stuffing::byte_stuffing(const std::vector<substitution>& escapes) : lead_(escapes[0].wire[0]) {
    plain_of_.fill(-1);
    wire_of_.fill(-1);
    for (const auto& one : escapes) {
        plain_of_[index(one.wire[1])] = static_cast<std::int16_t>(index(one.plain[0]));
        wire_of_[index(one.plain[0])] = static_cast<std::int16_t>(index(one.wire[1]));
    }
}

void byte_stuffing::unstuff(bytes_view body, buffer& plain) const {
    std::byte* const into = plain.prepare(body.size()).data();
    std::size_t size = 0;
    const std::byte* const end = body.end();
    for (const std::byte* at = body.begin(); at != end; ++at) {
        const bool pair = *at == lead_ && at + 1 != end && plain_of_[index(at[1])] >= 0;
        if (pair) ++at;
        into[size++] = pair ? static_cast<std::byte>(plain_of_[index(*at)]) : *at;
    }
    plain.commit(size);
}

void byte_stuffing::stuff(buffer& out, std::size_t begin) const {
    const bytes_view plain = out.view().from(begin);
    const auto pairs = static_cast<std::size_t>(
        std::count_if(plain.begin(), plain.end(), [&](std::byte b) { return wire_of_[index(b)] >= 0; }));
    if (pairs == 0) return;
    // Works from the back, so that each byte is read before it is overwritten.
    std::size_t from = out.size();
    static_cast<void>(out.prepare(pairs));
    out.commit(pairs);
    std::size_t to = out.size();
    std::byte* const content = out.data();
    while (from != to) {
        const std::byte byte = content[--from];
        const std::int16_t second = wire_of_[index(byte)];
        content[--to] = second < 0 ? byte : static_cast<std::byte>(second);
        if (second >= 0) content[--to] = lead_;
    }
}

std::size_t byte_stuffing::whole_part(bytes_view body, std::size_t size) const {
    return size != 0 && body[size - 1] == lead_ ? size - 1 : size;
}

std::size_t byte_stuffing::wrong_pair(bytes_view body, std::size_t from, std::size_t to) const {
    const std::byte* const begin = body.data();
    while (from < to) {
        const void* const found = std::memchr(begin + from, std::to_integer<int>(lead_), to - from);
        if (found == nullptr) return to;
        from = static_cast<std::size_t>(static_cast<const std::byte*>(found) - begin);
        if (plain_of_[index(body[from + 1])] < 0) return from;
        ++from;
    }
    return to;
}

}  // namespace weir::internal
