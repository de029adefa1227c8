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
// offset, counts, header and magic have the same meaning as for len32 (length.h). With counts=field or whole the length
// counts its own bytes, and again only the shortest encoding is valid. Limits: max, checked before anything is
// allocated. Used by protobuf streams (writeDelimitedTo), MQTT (4 bytes at most: use max=268435455), and many private
// protocols.
#pragma once

#include "weir/framing/format.h"

namespace weir::internal {

class varint_format final : public format {
public:
    explicit varint_format(const description& fields);

    verdict measure(const frame_bytes& frame, std::uint64_t& looked) const override;
    std::uint64_t place_of_size() const noexcept override { return offset_; }
    std::string explain(bytes_view frame, std::uint64_t place) const override;
    std::uint64_t announced(bytes_view header) const override;
    void put_header(std::uint64_t body_size, buffer& out) const override;

private:
    // Returns how many bytes a length of `width` bytes counts besides the body.
    std::uint64_t counted(std::size_t width) const noexcept;
    // The number that announces a body of this size, in as few bytes as possible.
    struct field {
        std::uint64_t number;
        std::size_t width;
    };
    field field_for(std::uint64_t body_size) const noexcept;

    bytes magic_;
    std::size_t offset_;
    std::size_t check_bytes_;
    counts_rule counts_;
    bool overlong_allowed_;
};

}  // namespace weir::internal
