// lines: a line feed ends a message and is stripped, together with one carriage return before it.
//
//     wire      68 65 6c 6c 6f 0a | 77 6f 72 6c 64 0d 0a | 0a
//     message   "hello"           | "world"              | ""
//
// `lines:crlf` requires CR LF: a line feed without a carriage return before it is malformed. The encoder writes LF, or
// CR LF with crlf.
//
// A message cannot contain LF and cannot end with CR: "a\r" would be sent as "a\r\n" and decoded as "a". The encoder
// refuses both. The decoder treats a line that ends with CR CR LF as malformed; otherwise the echo of a decoded message
// would not decode to itself. A CR elsewhere is an ordinary byte.
//
// end=truncated (default): a stream that ends inside a line is an error, because the rest of the line is lost.
// end=deliver: the rest is the last message, as in many text files; it must not end with CR either.
//
// Limits: max counts the message, without CR and LF. Used by SMTP, IRC, Redis inline commands (crlf), JSON lines, and
// NMEA 0183.
#pragma once

#include "weir/framing/format.h"

namespace weir::internal {

class lines_format final : public format {
public:
    explicit lines_format(const description& fields) noexcept;

    verdict measure(const frame_bytes& frame, std::uint64_t& looked) const override;
    bool searches() const noexcept override { return true; }
    verdict measure_last(const frame_bytes& frame, std::uint64_t& looked) const override;
    std::string explain(bytes_view frame, std::uint64_t place) const override;
    void put_header(std::uint64_t body_size, buffer& out) const override;
    void put_trailer(bytes_view header, bytes_view body, buffer& out) const override;
    std::string refuse(bytes_view body) const override;

private:
    const end_mark& mark() const noexcept { return fast().mark; }

    end_rule end_;
};

}  // namespace weir::internal
