// Hints for error messages: a length that is really text, a peer that uses another protocol.
#pragma once

#include <string>
#include <string_view>

#include "weir/base/bytes.h"

namespace weir::internal {

// Returns the name of the protocol that begins with these bytes ("an HTTP request", "a TLS handshake"...), or an empty
// string. The decoder calls it for every framing, when a frame is refused or truncated.
std::string_view known_protocol(bytes_view first);
// True when `first` is shorter than the opening of some known protocol, and matches it so far.
bool may_become_known(bytes_view first);

// Returns a remark on a length field whose value is too large, or whose body never arrived. The remark contains the
// text that the bytes of the field form, or the value in the other byte order. It begins with a space and is in
// brackets, or it is empty. `header` is the frame's header; the field is at `place` and has `width` bytes.
std::string hint_at_length(bytes_view header, std::size_t place, std::size_t width, bool little, std::uint64_t limit);

}  // namespace weir::internal
