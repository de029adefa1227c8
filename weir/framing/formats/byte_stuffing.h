// The escapes of a delimited framing as two tables: from a byte of the payload to its bytes on the wire, and the
// reverse. The object exists only for a framing that has escapes. Its functions accept any bytes.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "weir/base/buffer.h"
#include "weir/base/bytes.h"
#include "weir/framing/description.h"

namespace weir::internal {

// Thread safety: immutable.
class byte_stuffing {
public:
    // Requires at least one escape, and that description::check() accepted the escapes.
    explicit byte_stuffing(const std::vector<substitution>& escapes);

    std::byte lead() const noexcept { return lead_; }
    // Appends the plain bytes of a body that is in its form on the wire. A lead byte without a valid second byte is
    // kept as a plain byte.
    void unstuff(bytes_view body, buffer& plain) const;
    // Turns the content of `out` from `begin` on into the body on the wire.
    void stuff(buffer& out, std::size_t begin) const;
    // Returns the size of the longest part at the front of this body that has at most `size` bytes and cuts no pair.
    std::size_t whole_part(bytes_view body, std::size_t size) const;
    // Returns the place of the first lead byte in [from, to) that has no valid second byte, or `to` when there is none.
    // The byte at `to` must exist.
    std::size_t wrong_pair(bytes_view body, std::size_t from, std::size_t to) const;

private:
    static std::size_t index(std::byte b) noexcept { return std::to_integer<std::size_t>(b); }

    std::byte lead_;
    std::array<std::int16_t, 256> plain_of_;  // index: the second byte on the wire; -1 when there is no escape
    std::array<std::int16_t, 256> wire_of_;   // the second byte; index: the plain byte; -1 when it is not escaped
};

}  // namespace weir::internal
