// Decoders and encoders with one mistake each, for framings that announce a size in unusual ways, and for frames with
// optional start marks. They were written from the documentation, without knowledge of weir's implementation.
//
// The laws must catch 48 of the 66 mistakes. In the first run, laws::check() alone caught 37, and the laws on
// drawn_streams() caught 9 more: long forms of `ber`, a flush packet of `hex4`, a plus sign, digits or marks without an
// end, and the limit of a kept head. Two were missed: a limit for each line of a head, until a part had more bytes than
// two heads, and an encoder that sends what `empty=skip` drops, until the messages had an empty one. Both are caught
// now, the second by laws::check().
//
// The other 18 mistakes break no law: they accept, refuse or report other bytes in a consistent way. All differed from
// weir in the first run. But 14 of the 18 decoders without a mistake differed, too, mostly in the place of an error
// that the documentation leaves open. They do now what weir does, so each difference that is left is a mistake.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "weir/framing/laws/subject.h"

namespace planted {

// What must catch a mistake. The laws cannot catch a decoder that accepts other bytes in a consistent way: such a
// decoder must differ from weir's decoder.
enum class judge : std::uint8_t { laws, weir };

struct announced_case {
    std::string text;  // the framing
    std::string name;  // the framing, a colon, and the mistake
    judge caught_by = judge::laws;
    std::unique_ptr<weir::laws::subject> tested;
    std::vector<weir::bytes> messages;  // payloads that a correct encoder accepts
    std::vector<weir::bytes> parts;     // frames and fragments, valid and wrong: streams are made of them
};

std::vector<announced_case> announced_bugs();
// The same code without a mistake, once for each framing.
std::vector<announced_case> sound_announced();
// Returns streams for this case that depend only on the seed: parts and encoded messages, some with a changed byte.
std::vector<weir::bytes> drawn_streams(const announced_case& one, std::size_t count, std::uint64_t seed);

}  // namespace planted
