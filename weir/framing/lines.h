// lines: a line feed ends a message and is stripped, with one carriage return before it.
//
//     wire      68 65 6c 6c 6f 0a | 77 6f 72 6c 64 0d 0a | 0a
//     message   "hello"           | "world"              | ""
//
// `lines:crlf` demands CR LF: a line feed without a carriage return before it is malformed. The encoder writes LF, or CR LF with crlf.
//
// A message cannot contain LF, and it cannot end in CR: "a\r" would be sent as "a\r\n" and come back as "a". So the encoder
// refuses both, and the decoder calls a line that ends in CR CR LF malformed; otherwise the echo of a decoded message
// would not decode to itself. A CR elsewhere is a byte like any other.
//
// end=truncated (default): a stream that ends inside a line has lost the rest of it, which is an error. end=deliver: the rest is the last
// message, as text files often have it; it too must not end in CR.
//
// Limits: max counts the message, without CR and LF. Where it is used: SMTP, IRC, Redis inline commands (crlf), JSON lines, NMEA 0183.
#pragma once

#include <algorithm>
#include <cstring>

#include "weir/framing/format.h"

namespace [[gnu::visibility("default")]] weir {

class lines_format final : public format {
public:
    explicit lines_format(const description& fields) noexcept : crlf_(fields.crlf), end_(fields.end) {}

    // A line whose LF stands behind `size` bytes at `begin`.
    verdict line(const std::byte* begin, std::size_t size) const noexcept {
        constexpr std::byte cr{'\r'};
        const std::size_t before_lf = size;
        if (size != 0 && begin[size - 1] == cr) {
            --size;
        } else if (crlf_) {
            return verdict::broken(before_lf, size);
        }
        if (size != 0 && begin[size - 1] == cr) return verdict::broken(size - 1, size - 1);
        return verdict::frame(0, size, before_lf - size + 1);
    }

    // The end of a line.
    std::size_t mark_bytes() const noexcept { return crlf_ ? 2 : 1; }
    void write_mark(std::byte* to) const noexcept {
        if (crlf_) *to++ = std::byte{'\r'};
        *to = std::byte{'\n'};
    }
    // Copies a text, which is not empty, as far as it can stand before that: false when it cannot. A part is searched while it is in the cache.
    static bool copy_text(bytes_view text, std::byte* to) noexcept {
        if (text.size() <= short_bytes) [[likely]] {
            if (std::memchr(text.data(), '\n', text.size()) != nullptr) return false;
            std::memcpy(to, text.data(), text.size());
            return text[text.size() - 1] != std::byte{'\r'};
        }
        for (std::size_t done = 0; done < text.size(); done += part_bytes) {
            const std::size_t size = std::min(part_bytes, text.size() - done);
            if (std::memchr(text.data() + done, '\n', size) != nullptr) return false;
            std::memcpy(to + done, text.data() + done, size);
        }
        return text[text.size() - 1] != std::byte{'\r'};
    }

    verdict measure(const frame_bytes& frame, std::uint64_t& looked) const override;
    bool searches() const noexcept override { return true; }
    verdict measure_last(const frame_bytes& frame, std::uint64_t& looked) const override;
    std::string explain(bytes_view frame, std::uint64_t place) const override;
    void put_header(std::uint64_t body_size, buffer& out) const override;
    void put_trailer(bytes_view header, bytes_view body, buffer& out) const override;
    std::string refuse(bytes_view body) const override;

private:
    // Not known here: a compiler that knows how little it is copies by worse means.
    static const std::size_t part_bytes;
    static constexpr std::size_t short_bytes = 1024;

    bool crlf_;
    end_rule end_;
};

}  // namespace weir
