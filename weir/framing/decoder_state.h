// What a decoder rarely needs, kept out of its hot part. For decoder.cc and oversize.cc alone.
#pragma once

#include <optional>

#include "weir/framing/decoder.h"

namespace weir {

// A message over the limit that goes by, skipped or streamed.
struct decoder::passage {
    std::uint64_t start = 0;           // where in the stream its frame begins
    bool announced = false;            // its size is known: from the header, or its end was found
    std::uint64_t drop = 0;            // header bytes that are still to be dropped
    std::uint64_t left = 0;            // payload bytes that are still to come, when announced
    std::uint64_t passed = 0;          // payload bytes that went by
    std::uint64_t after = 0;           // bytes behind the payload, when announced: checksum and trailer
    std::uint64_t checksum = 0;        // of those, the checksum: stuffed bytes take two
    std::uint64_t uncovered = 0;       // payload bytes that the checksum does not cover
    std::optional<std::size_t> wrong;  // where behind the piece that was lent last the frame is broken
    running_checksum sum{checksum_kind::none};

    friend bool operator==(const passage&, const passage&) = default;
};

struct decoder::failing {
    error why;
    std::uint64_t place;
};

}  // namespace weir
