// Hand-written decoders of `lines`, each with one mistake that people make: the laws must catch every one of them.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "weir/framing/laws/subject.h"

namespace planted {

enum class line_bug : std::uint8_t {
    none,
    // The CR is looked for in the piece that has the LF; one at the end of the piece before stays in the message.
    split_cr_stays,
    // A piece that ends in CR ends the line, and an LF at the start of the next piece is dropped: wrong without one.
    split_cr_ends_line,
    // The CR of a CR LF that is split counts as text against the limit.
    split_cr_counts,
    // Of two CRs that wait for their LF one counts against the limit: too large, but malformed in one piece.
    second_split_cr_counts,
    // The limit is checked when the LF has arrived, so that a line without one is collected for ever.
    limit_at_lf,
    // The limit is checked where bytes are copied, so that a line that is whole in the input has none.
    whole_lines_unlimited,
    // Every feed searches the partial line again from its first byte: quadratic work.
    searches_again,
    // The place of a line over the limit is where the decoder was when it noticed, which depends on the pieces.
    place_where_noticed,
    // The place of a malformed line is counted from the piece that has the LF, not from the line's first byte.
    place_from_piece,
    // An unfinished last line that is only a CR counts as a clean end of the stream.
    lone_cr_is_end,
    // The unfinished last line is handed out as getline() does it, with its CR and over the limit if need be.
    last_line_delivered,
    // A partial line that turns out empty does not clear the buffer, and its CR remains before the next partial line.
    empty_line_leaves_cr,
    // finish() forgets what was fed and not yet pulled.
    finish_drops_unread,
    // feed() after a failure starts again as if nothing had been, in the middle of a line.
    feed_after_failure,
    // Partial lines are joined in one static buffer, so that another decoder overwrites a message that is still in use.
    static_buffer,
    // CR CR LF is taken for a message that ends in CR, which the encoder refuses.
    cr_text_accepted,
    // The CR is stripped as white space, together with the blanks and tabs of the message before it.
    blanks_trimmed,
    // The encoder sends a message that ends in CR, which the decoder returns without it.
    encodes_cr,
    // The encoder looks for LF as in a C string, up to the first NUL.
    encodes_lf_behind_nul,
    // The encoder counts its LF against the limit and refuses the longest message.
    encoder_counts_lf,
};

// Each has one bug; its name() says which.
std::vector<std::unique_ptr<weir::laws::subject>> all_line_bugs();
// The same decoder without a bug, with a usual and with a very small limit. No law may fault them.
std::vector<std::unique_ptr<weir::laws::subject>> sound_lines();

}  // namespace planted
