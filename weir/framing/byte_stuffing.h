// The escapes of a delimited framing as two tables: what stands on the wire for a byte of the payload, and back. It exists only for a framing
// that has escapes; its functions take any bytes.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "weir/base/buffer.h"
#include "weir/base/bytes.h"
#include "weir/framing/description.h"

namespace [[gnu::visibility("default")]] weir {

// Thread safety: immutable.
class byte_stuffing {
public:
    // At least one escape; description::check() has accepted them.
    explicit byte_stuffing(const std::vector<substitution>& escapes);

    std::byte lead() const noexcept { return lead_; }
    // Appends what a body on the wire means. A lead byte without one of its second bytes means itself.
    void unstuff(bytes_view body, buffer& plain) const;
    // Makes the body on the wire of what lies in `out` from `begin` on.
    void stuff(buffer& out, std::size_t begin) const;
    // The largest number of bytes, at most `size`, that may be cut off the front of this body without cutting a pair.
    std::size_t whole_part(bytes_view body, std::size_t size) const;
    // The first lead byte in [from, to) that no second byte follows; `to` when there is none. The byte at `to` is there.
    std::size_t wrong_pair(bytes_view body, std::size_t from, std::size_t to) const;

private:
    static std::size_t index(std::byte b) noexcept { return std::to_integer<std::size_t>(b); }

    std::byte lead_;
    std::array<std::int16_t, 256> plain_of_;  // by the second byte on the wire; -1 when there is none
    std::array<std::int16_t, 256> wire_of_;   // the second byte by the plain one; -1 when it is sent as it is
};

}  // namespace weir
