// Hand-written decoders of `len32` and `len16le`, each with one typical mistake. The laws must catch every mistake.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "weir/framing/laws/subject.h"

namespace planted {

enum class length_bug : std::uint8_t {
    none,
    // The length is compared as a signed number. A length over 2^31 is negative, passes, and is collected for ever.
    signed_length,
    // A signed 16-bit length: messages of 32768 bytes and more look negative and are refused.
    short_length,
    // The sum of header and length wraps at 32 bits: a length just below 2^32 is taken for an empty message.
    total_wraps,
    // The low byte is read as a signed char, and its sign overwrites the high byte.
    sign_extends,
    // The limit is compared with the size of header and body, so the longest messages are refused.
    limit_counts_header,
    // Only the code for whole frames checks the limit; a partial frame may announce any size.
    split_unlimited,
    // The place of a length over the limit counts from the last feed(), not from the beginning of the stream.
    place_in_piece,
    // An empty message at the end of a piece waits for a byte of its body.
    empty_waits,
    // A stream that ends inside a header is not an error, as in programs that stop when read(header) < 4.
    split_header_is_end,
    // When a header arrives in three pieces, an early return does not count the second piece.
    third_piece_overwrites,
    // After a message that was split, the first bytes of the next header are dropped.
    drops_split_header,
    // finish() reports a truncated stream before the whole messages that were already fed.
    truncation_overtakes,
    // feed() after a failure still collects bytes, without a limit.
    grows_after_failure,
    // Memory for a partial message is allocated for the announced size, not for the bytes that have arrived.
    takes_announced_room,
    // The header of a partial message is read again at every call of next().
    reads_header_again,
    // A copy shares the partial bytes with the original.
    copy_shares,
    // Equality compares the number of partial bytes, not their values.
    equal_by_size,
    // The length of the last partial message is not cleared, so decoders of equal streams are unequal.
    length_left_over,
    // The encoder cuts a length over 65535 to its low 16 bits.
    encoder_cuts_length,
    // The encoder checks the limit of the field but not that of the framing.
    encoder_field_limit,
    // The encoder writes the header before it refuses the message.
    encoder_leaves_header,
};

// Each decoder has one bug; name() returns which.
std::vector<std::unique_ptr<weir::laws::subject>> all_length_bugs();
// The same decoders without a bug: len32 and len16le, with several limits. They must keep all laws.
std::vector<std::unique_ptr<weir::laws::subject>> sound_length();

}  // namespace planted
