// Messages and streams that the laws are tried on besides those that they are given. For the laws' own sources alone.
#pragma once

#include <span>
#include <vector>

#include "weir/framing/subject.h"

namespace weir::laws::internal {

// Many messages for one stream each: with every value of the first and of the last byte, so that a checksum takes many
// values, and many short ones; then messages at both sides of each power of two up to the limit, alone.
std::vector<std::vector<bytes>> many_messages(const subject& tested, std::span<const bytes> messages);

// Frames of the shortest messages, each alone, and joined up to 40 bytes: short enough to be cut in every way.
std::vector<bytes> short_frames(const subject& tested, std::span<const bytes> messages);

// A frame with one change: truncated, a bit flipped, a byte inserted, removed or repeated, a number in it made longer
// or larger by a power of two that an integer cannot hold.
std::vector<bytes> changed_frames(bytes_view frame);

}  // namespace weir::laws::internal
