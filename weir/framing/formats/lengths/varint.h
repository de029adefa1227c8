// varint: the length before the message is a LEB128 number. Each byte has seven bits of it, the lowest bits first. The
// top bit is set in all bytes except the last.
//
//     wire      05 68 65 6c 6c 6f | ac 02 (300 bytes)
//     message   "hello"           | 300 bytes
//
//     offset=1,header=keep   30 05 00 01 61 68 69        MQTT's PUBLISH of "hi" to "a": a type byte before the length
//
// Each length has one valid encoding, the shortest. Longer ones (85 00 for 5) are malformed unless overlong=allow. In a
// program that compares or signs messages, two encodings of one message can be a security hole. A length has at most 10
// bytes.
//
// announced.h describes the other options. With counts=field or whole the length counts its own bytes, and again only
// the shortest encoding is valid. Used by protobuf streams (writeDelimitedTo), MQTT (4 bytes at most: use
// max=268435455), many private protocols.
#pragma once

#include "weir/framing/formats/lengths/announced.h"

namespace weir::internal {

class varint_format final : public announced_format {
public:
    explicit varint_format(const description& fields) : announced_format(fields) {}

private:
    number_read read(bytes_view field) const noexcept override;
    std::size_t width_of(std::uint64_t number) const noexcept override;
    void write(std::uint64_t number, std::size_t width, std::byte* to) const noexcept override;
    std::string explain_number(bytes_view field, std::size_t place) const override;
};

}  // namespace weir::internal
