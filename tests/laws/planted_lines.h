// Hand-written decoders of `lines`, each with one typical mistake. The laws must catch every mistake.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "weir/framing/laws/subject.h"

namespace planted {

enum class line_bug : std::uint8_t {
    none,
    // Only the piece with the LF is searched for the CR; a CR at the end of the previous piece stays in the message.
    split_cr_stays,
    // A piece that ends in CR ends the line, even if the next piece does not begin with LF.
    split_cr_ends_line,
    // If CR and LF arrive in different pieces, the CR counts towards the limit.
    split_cr_counts,
    // Of two CRs at the end of a piece one counts towards the limit: the line is too large, in one piece malformed.
    second_split_cr_counts,
    // The limit is checked when the LF has arrived, so a line without LF is collected for ever.
    limit_at_lf,
    // The limit is checked when bytes are copied, so a line that is whole in the input has no limit.
    whole_lines_unlimited,
    // Each feed() searches the partial line again from its first byte, which is quadratic work.
    searches_again,
    // The place of a line over the limit is where the decoder detected it, which depends on the pieces.
    place_where_noticed,
    // The place of a malformed line counts from the piece with the LF, not from the first byte of the line.
    place_from_piece,
    // A stream that ends in a line of only a CR is not reported as truncated.
    lone_cr_is_end,
    // The last line without LF is delivered, as getline() does, with its CR and even over the limit.
    last_line_delivered,
    // An empty line that arrived in pieces does not clear the buffer, and its CR stays before the next partial line.
    empty_line_leaves_cr,
    // finish() drops bytes that were fed and not yet decoded.
    finish_drops_unread,
    // feed() after a failure starts again in the middle of a line, as if there had been no failure.
    feed_after_failure,
    // Partial lines are joined in a static buffer, so another decoder overwrites a message that is still in use.
    static_buffer,
    // CR CR LF is taken for a message that ends in CR, which the encoder refuses.
    cr_text_accepted,
    // The CR is stripped as white space, together with blanks and tabs before it, which belong to the message.
    blanks_trimmed,
    // The encoder sends a message that ends in CR, which the decoder returns without it.
    encodes_cr,
    // The encoder searches for LF as in a C string, only up to the first NUL.
    encodes_lf_behind_nul,
    // The encoder counts its LF towards the limit, and refuses the longest message.
    encoder_counts_lf,
};

// Each decoder has one bug; name() returns which.
std::vector<std::unique_ptr<weir::laws::subject>> all_line_bugs();
// The same decoder without a bug, with a usual and with a very small limit. They must keep all laws.
std::vector<std::unique_ptr<weir::laws::subject>> sound_lines();

}  // namespace planted
