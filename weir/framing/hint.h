// Hints for a person: a length that is really text, a protocol that was not expected here.
#pragma once

#include <string>
#include <string_view>

#include "weir/base/bytes.h"

namespace weir::internal {

// The protocol that opens with these bytes: "an HTTP request", "a TLS handshake"... empty when none is known. The
// decoder asks for every framing, when a frame is refused or truncated.
std::string_view known_protocol(bytes_view first);
// True while too few bytes have come to tell.
bool may_become_known(bytes_view first);

// A remark on a length field that gave a size which is too large or never came: which text the field spells, or what it
// would be in the other byte order; in brackets with a space before, or empty. `header` is the frame's header, the
// field lies at `place` and has `width` bytes.
std::string hint_at_length(bytes_view header, std::size_t place, std::size_t width, bool little, std::uint64_t limit);

}  // namespace weir::internal
