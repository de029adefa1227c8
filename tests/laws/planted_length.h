// Hand-written decoders of `len32` and `len16le`, each with one mistake that people make: the laws must catch them all.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "weir/framing/laws/subject.h"

namespace planted {

enum class length_bug : std::uint8_t {
    none,
    // The length is compared as a signed number, so that one over 2^31 is negative, passes and is collected for ever.
    signed_length,
    // A signed 16-bit length: messages of 32768 bytes and more look negative and are refused.
    short_length,
    // Header and length are added in 32 bits, which wrap: a length just below 2^32 is taken for an empty message.
    total_wraps,
    // The low byte is read from a signed char and extends its sign over the high byte.
    sign_extends,
    // The limit is compared with header and body, so that the longest messages are refused.
    limit_counts_header,
    // Only the code for whole frames checks the limit; a partial frame may announce any size.
    split_unlimited,
    // The place of a length over the limit is counted from the last feed(), not from the start of the stream.
    place_in_piece,
    // An empty message at the end of a piece waits for a byte of its body.
    empty_waits,
    // A stream that ends inside a header ends cleanly, as after read(header) < 4.
    split_header_is_end,
    // When a header arrives in three pieces, the early return does not count the second one.
    third_piece_overwrites,
    // After a message that was split, the first bytes of the next header are dropped.
    drops_split_header,
    // finish() calls the stream truncated while whole messages are fed and not yet pulled.
    truncation_overtakes,
    // feed() after a failure still collects, without a bound.
    grows_after_failure,
    // Memory for a partial message is allocated when its size is announced, not as its bytes arrive.
    takes_announced_room,
    // The header of a partial message is read again at every call of next().
    reads_header_again,
    // A copy shares the partial bytes with the original.
    copy_shares,
    // Equality compares how many partial bytes there are, not which.
    equal_by_size,
    // The length of the last partial message is not cleared, so that decoders of equal streams are unequal.
    length_left_over,
    // The encoder cuts a length over 65535 to its low 16 bits.
    encoder_cuts_length,
    // The encoder checks the limit of the field but not that of the framing.
    encoder_field_limit,
    // The encoder has written the header when it refuses the message.
    encoder_leaves_header,
};

// Each has one bug; its name() says which.
std::vector<std::unique_ptr<weir::laws::subject>> all_length_bugs();
// The same decoders without a bug: len32 and len16le, with several limits. No law may fault them.
std::vector<std::unique_ptr<weir::laws::subject>> sound_length();

}  // namespace planted
