// Messages and streams on which the laws are tested, besides those that the caller gives. Only for the sources of the
// laws.
#pragma once

#include <span>
#include <vector>

#include "weir/framing/laws/subject.h"

namespace weir::laws::internal {

// Returns lists of messages, one list for each stream: every value of the first and of the last byte, so that a
// checksum takes many values; many copies of a short message; single messages around each power of two up to the limit.
std::vector<std::vector<bytes>> many_messages(const subject& tested, std::span<const bytes> messages);

// Returns frames of short messages, each alone, and joined up to 40 bytes: short enough to be cut in every way.
std::vector<bytes> short_frames(const subject& tested, std::span<const bytes> messages);

// Returns the frame with one change each: truncated, a bit flipped, a byte inserted, removed or repeated, a number in
// it made longer, or larger by a power of two that an integer cannot hold.
std::vector<bytes> changed_frames(bytes_view frame);

}  // namespace weir::laws::internal
