// Hints for error messages: a length that is really text, a peer that uses another protocol.
#pragma once

#include <string>
#include <string_view>

#include "weir/base/bytes.h"

namespace weir::internal {

// Returns the protocol that opens with these bytes ("an HTTP request", "a TLS handshake"...), or an empty text. The
// decoder calls it for every framing, when a frame is refused or truncated.
std::string_view known_protocol(bytes_view first);
// True while more bytes could still turn `first` into the opening of a protocol.
bool may_become_known(bytes_view first);

// Returns a remark on a length field whose value is too large, or whose body never arrived: the text that the field
// spells, or its value in the other byte order. The remark is in brackets with a space before, or empty. `header` is
// the frame's header; the field is at `place` and has `width` bytes.
std::string hint_at_length(bytes_view header, std::size_t place, std::size_t width, bool little, std::uint64_t limit);

}  // namespace weir::internal
