// len8, len16[le], len24[le], len32[le], len64[le]: a number of fixed size before the message announces its size.
//
//     len32                     00 00 00 05 | 68 65 6c 6c 6f            "hello"
//     len16le                   05 00 | 68 65 6c 6c 6f                  "hello"
//     len32,offset=1,counts=field
//                               51 | 00 00 00 0d | 73 65 ... 00         a query of PostgreSQL: the length counts itself
//     len24,after=6,header=keep 00 00 04 08 00 00 00 00 00 | 00 00 ff ff   HTTP/2's WINDOW_UPDATE: type, flags, stream
//     len32,mask=7fffffff,flags=80000000
//                               80 00 00 05 | 68 65 6c 6c 6f            ONC RPC over TCP (RFC 5531, 11)
//
// announced.h describes the options that all framings with a length share. These are of this one alone:
//
// mask=HEX       The bits of the field that are the number: the lowest ones. The other bits must be `flags`.
// flags=HEX      The value of the bits outside the mask, zero by default. A field with others is malformed.
// times=N        The number counts units of N bytes. The encoder refuses a payload that does not fill whole units.
//
// Big-endian is network order (RFC 1700). Used by DNS over TCP (len16), Kafka (len32), PostgreSQL (above), TLS records,
// most private protocols.
#pragma once

#include "weir/framing/formats/lengths/announced.h"

namespace weir::internal {

class length_format final : public announced_format {
public:
    explicit length_format(const description& fields);

    verdict measure(const frame_bytes& frame, std::uint64_t& looked) const override;
    std::string remark(bytes_view header) const override;
    void put_header(std::uint64_t body_size, buffer& out) const override;
    std::string refuse(bytes_view body) const override;

private:
    const length_field& field() const noexcept { return fast().length; }
    // True when the whole field is the number, and it counts bytes.
    bool is_plain() const noexcept { return flags_ == 0 && mask_ == field().mask && unit_ == 1; }

    number_read read(bytes_view field) const noexcept override;
    std::size_t width_of(std::uint64_t) const noexcept override { return width_; }
    void write(std::uint64_t number, std::size_t width, std::byte* to) const noexcept override;
    std::string explain_number(bytes_view field, std::size_t place) const override;

    std::size_t width_;
    std::uint64_t mask_;
    std::uint64_t flags_;
    std::uint64_t unit_;
    std::uint64_t limit_;
};

}  // namespace weir::internal
