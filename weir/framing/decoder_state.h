// The parts of a decoder that only its own sources use: decoder.cc, decoder_memory.cc and oversize.cc.
#pragma once

#include <algorithm>
#include <optional>
#include <utility>

#include "weir/framing/decoder.h"

namespace weir {

// A message over the limit that is skipped or returned in pieces. Sizes are in bytes.
struct decoder::passage {
    std::uint64_t start = 0;           // offset in the stream at which its frame begins
    bool announced = false;            // its size is known: from the header, or because its end was found
    std::uint64_t drop = 0;            // header bytes that must still be dropped
    std::uint64_t left = 0;            // payload bytes that have not arrived, when announced
    std::uint64_t passed = 0;          // payload bytes that were skipped or returned
    std::uint64_t after = 0;           // bytes after the payload, when announced: checksum and trailer
    std::uint64_t checksum = 0;        // bytes of `after` that are the checksum, as it is on the wire
    std::uint64_t uncovered = 0;       // payload bytes that the checksum does not cover
    std::optional<std::size_t> wrong;  // place of a wrong byte, counted from the end of the last piece
    running_checksum sum{checksum_kind::none};

    friend bool operator==(const passage&, const passage&) = default;
};

struct decoder::failing {
    error why;
    std::uint64_t place;
};

inline decoder::partial_frame& decoder::partial() {
    if (partial_ == nullptr) partial_ = std::make_unique<partial_frame>();
    return *partial_;
}

// The bytes of the frame that have arrived and were not handed out: the tail, or the input while the tail is empty.
inline bytes_view decoder::window() const noexcept {
    return partial_->tail.empty() ? bytes_view(cursor_, rest()) : partial_->tail.view();
}

// The bytes of a header of this size that have arrived.
inline bytes_view decoder::arrived_part(std::uint64_t header) const noexcept {
    const bytes_view arrived = window();
    return {arrived.data(), static_cast<std::size_t>(std::min<std::uint64_t>(header, arrived.size()))};
}

inline void decoder::drop_handed_out() { partial_->tail.consume(std::exchange(partial_->handed_out, 0)); }

// True when a body with this number of settled bytes is certainly over the limit. A stuffed byte takes two bytes on the
// wire.
inline bool decoder::over_limit(std::uint64_t settled) const noexcept {
    return (stuffs() ? settled / 2 : settled) > limit_ + check_bytes_;
}

// Checks the rule that settled bytes stay part of the body.
inline void decoder::check_settled(const verdict& said) const {
    WEIR_CHECK(said.body >= partial_->settled,
               "format::measure(): bytes that were settled are no longer part of the body");
}

}  // namespace weir
