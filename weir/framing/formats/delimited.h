// delimited: an end mark ends a message and is stripped. There can be several marks. The encoder writes the first one
// that does not form another mark together with the end of the payload.
//
//     delimited:"\r\n\r\n"/"\n\n"        48 69 0d 0a 0d 0a | 48 6f 0a 0a             "Hi" | "Ho"
//     delimited:1c0d,start=0b            0b 4d 53 48 1c 0d                           "MSH": HL7's MLLP
//     delimited:7e,start=7e,escape=7d01:7d/7d02:7e
//                                        7e 01 7d 02 7e | 7e ...                     01 7e: JT/T 808
//
//     |<- header ->|<---------------- body ---------------->|<- trailer ->|
//     | start mark | payload and checksum, bytes stuffed    | end mark    |
//
// The first place at which any mark ends is the end of the message. If several marks end there, the longest one counts,
// so "\r\n"/"\n" strips the CR too. A start mark is required before every message. The exception: with empty=skip, a
// start mark that is also an end mark is optional, because the decoder drops the empty message that it ends. Then
// frames may share a mark or have several between them, as in PPP (RFC 1662, 3.1).
//
// escape=WIRE:PLAIN: the byte PLAIN of the payload is sent as the two bytes WIRE. All escapes have the same first byte
// on the wire. A first byte that is not followed by one of the second bytes is malformed. The checksum is computed
// before stuffing. Without escapes, the encoder refuses a payload that contains an end mark, or that forms one together
// with the mark that follows it.
//
// Limits: max counts the payload without stuffing. With escapes, a byte on the wire counts as half a byte until the end
// is found, because a stuffed byte takes two. The decoder therefore holds at most twice max. Used by HTTP headers,
// Redis, HL7 MLLP (1c0d), SLIP (RFC 1055), HDLC-like framing (RFC 1662), JT/T 808, and ASCII protocols of instruments.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "weir/framing/format.h"
#include "weir/framing/formats/byte_stuffing.h"

namespace weir::internal {

class delimited_format final : public format {
public:
    explicit delimited_format(const description& fields);

    verdict measure(const frame_bytes& frame, std::uint64_t& looked) const override;
    bool searches() const noexcept override { return true; }
    std::size_t searched_header() const noexcept override { return expected_start_.size(); }
    bool stuffs() const noexcept override { return stuffing_.has_value(); }
    void unstuff(bytes_view body, buffer& plain) const override;
    void stuff(buffer& out, std::size_t begin) const override;
    std::size_t whole_part(bytes_view body, std::size_t size) const override;
    std::string explain(bytes_view frame, std::uint64_t place) const override;
    void put_header(std::uint64_t body_size, buffer& out) const override;
    void put_trailer(bytes_view header, bytes_view body, buffer& out) const override;
    std::string refuse(bytes_view body) const override;

private:
    // Returns how many of the first `body_bytes` bytes of an unfinished body certainly belong to it.
    std::size_t settled(std::size_t body_bytes) const noexcept;
    // Returns the place of the first byte, at or after `from`, that is the last byte of some mark. Returns the size of
    // the body when there is none.
    std::size_t next_last_byte(bytes_view body, std::size_t from) const noexcept;
    // Returns the size of the longest mark that ends directly after the first `end` bytes of the body, or 0 when no
    // mark ends there.
    std::size_t mark_that_ends(bytes_view body, std::size_t end) const;
    const bytes* mark_for(bytes_view body) const;

    std::vector<bytes> marks_;
    bytes start_;           // what the encoder writes
    bytes expected_start_;  // what the decoder requires: nothing when the start mark is optional
    std::size_t longest_mark_ = 0;
    std::array<bool, 256> last_bytes_{};     // the last bytes of the marks
    std::array<bool, 256> mark_bytes_{};     // all bytes of the marks
    bool one_last_byte_ = true;              // all marks end with the same byte
    std::optional<byte_stuffing> stuffing_;  // set when there are escapes
};

}  // namespace weir::internal
