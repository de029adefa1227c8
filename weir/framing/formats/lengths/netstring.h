// netstring: the length in decimal digits, a colon, the message, a comma (D. J. Bernstein, 1997).
//
//     wire      35 3a 68 65 6c 6c 6f 2c | 30 3a 2c
//               5:hello,                | 0:,
//     message   "hello"                 | ""
//
// A person can read and type a netstring. It can carry any byte. The comma reveals a wrong length at once. The length
// has no leading zero and at most 18 digits. Limits: max, checked before anything is allocated. Used by SCGI, QMQP, and
// djbdns tools.
#pragma once

#include "weir/framing/format.h"

namespace weir::internal {

class netstring_format final : public format {
public:
    verdict measure(const frame_bytes& frame, std::uint64_t& looked) const override;
    std::string refuse_trailer(bytes_view header, bytes_view body, bytes_view trailer) const override;
    std::string explain(bytes_view frame, std::uint64_t place) const override;
    void put_header(std::uint64_t body_size, buffer& out) const override;
    void put_trailer(bytes_view header, bytes_view body, buffer& out) const override;
};

}  // namespace weir::internal
