// Two streams that are connected to each other in memory: for tests, and for parts of one program that exchange
// messages.
#pragma once

#include <cstddef>
#include <utility>

#include "weir/loop/byte_stream.h"

namespace [[gnu::visibility("default")]] weir {

// What one end sends, the other end receives. Each direction holds at most `most_bytes`; a send waits until the other
// end receives. When one end is closed, the other end reads the end of the stream, or gets a reset if bytes were left
// unread. Both ends belong to the running loop. Thread safety: its loop's thread alone.
std::pair<owned_stream, owned_stream> stream_pair(std::size_t most_bytes = 64 * 1024);

}  // namespace weir
