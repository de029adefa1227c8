// Messages and streams for testing the laws, in addition to those that the caller supplies. Only for the sources of the
// laws.
#pragma once

#include <span>
#include <vector>

#include "weir/framing/laws/subject.h"

namespace weir::laws::internal {

// Returns lists of messages, one list for each stream. Some lists contain every value of the first or the last byte, so
// that a checksum takes many values. Some contain many copies of a short message. Others contain one message whose size
// is near a power of two, up to the limit or 16 KiB.
std::vector<std::vector<bytes>> many_messages(const subject& tested, std::span<const bytes> messages);

// Returns frames of short messages: each frame alone, and some frames joined to at most 40 bytes. They are short enough
// to be cut in many ways.
std::vector<bytes> short_frames(const subject& tested, std::span<const bytes> messages);

// Returns variants of the frame with one change each. The frame is truncated; a bit is flipped; or a byte is inserted,
// removed or repeated. In other variants, a number is longer, or larger by a power of two that an integer cannot hold.
std::vector<bytes> changed_frames(bytes_view frame);

}  // namespace weir::laws::internal
