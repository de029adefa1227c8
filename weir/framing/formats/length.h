// len8, len16[le], len24[le], len32[le], len64[le]: a number before the message announces its size.
//
//     len32                     00 00 00 05 | 68 65 6c 6c 6f            "hello"
//     len16le                   05 00 | 68 65 6c 6c 6f                  "hello"
//     len32,offset=1,counts=field
//                               51 | 00 00 00 0d | 73 65 ... 00         a query of PostgreSQL: the length counts itself
//
//     |<------------ header ------------>|<----------- body ----------->|
//     | magic | zeros | length           | payload          | checksum  |
//     0       ^       ^ offset           ^ offset + width
//
// offset=N       N bytes precede the length. The first of them are `magic` if it is set; any other bytes there are
//                malformed. The decoder ignores the rest, and the encoder writes zeros there, unless header=keep.
// counts=        What the length counts: body (payload and checksum; default), payload, field (body and the length
//                field), whole (the frame from its first byte). A length smaller than what it must count is malformed.
// header=keep    The message consists of the header and the payload. The encoder then checks the length that the caller
//                supplies. It refuses a wrong length instead of correcting it, so that it writes exactly what the
//                caller passed.
//
// Limits: max counts the message (with header=keep also the header), and is never more than the field can announce. The
// length is checked before anything is allocated. Big-endian is network order (RFC 1700). Used by DNS over TCP (len16),
// Kafka (len32), PostgreSQL (above), TLS records, and most private protocols.
#pragma once

#include "weir/framing/format.h"

namespace weir::internal {

class length_format final : public format {
public:
    explicit length_format(const description& fields);

    verdict measure(const frame_bytes& frame, std::uint64_t& looked) const override;
    std::uint64_t place_of_size() const noexcept override { return field().offset; }
    std::string explain(bytes_view frame, std::uint64_t place) const override;
    std::uint64_t announced(bytes_view header) const override;
    std::string remark(bytes_view header) const override;
    void put_header(std::uint64_t body_size, buffer& out) const override;

private:
    const length_field& field() const noexcept { return fast().length; }
    bytes_view magic() const noexcept { return {field().prefix.data(), field().magic_bytes}; }
    std::size_t width() const noexcept { return field().header - field().offset; }

    verdict measure_short(bytes_view so_far) const;
    verdict wrong_magic(bytes_view so_far) const;
    verdict frame_of(std::uint64_t number) const noexcept;

    std::uint64_t limit_;
};

}  // namespace weir::internal
