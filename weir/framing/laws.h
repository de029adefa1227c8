// The laws that every framing keeps, as functions that look for a counterexample: for weir's framings, and for a
// decoder of your own. Depends on nothing but the framing layer; use it from any test framework:
//
//     auto broken = laws::check(*laws::subject_of(framing::len32().max(100)), messages);
//     REQUIRE_MESSAGE(!broken, *broken);
//
// - round trip     what was encoded decodes to the same message; nothing more comes out
// - closure        whatever the decoder yields, the encoder accepts, and it decodes to itself
// - fidelity       what the encoder writes for the decoded messages is what was read, or that with bytes left out
//                  (lines: a CR) where the subject does not say that a message has only one frame
// - checksum       a frame whose checksum has one bit changed is no message
// - boundary       where the stream may end cleanly, the next message may begin: nothing is held back, nothing is lost
// - shift          behind other messages everything is the same, and the place of an error is so much further
// - segmentation   messages, errors and their places are the same however the bytes are cut, empty pieces included
// - confluence     decoding [i, j) from the state after i gives the state after j: why segmentation cannot matter
// - faithful state states that compare equal go on alike
// - independence   what one decoder does is nothing to another, nor to a copy
// - bounded        no more is held than came, nor than a message of the limit and its overhead; no byte is looked at
//                  more than `most_looks` times, which the subject states
// - finality       what has failed or ended stays so, whatever is fed or said afterwards
// - resync         what is over the limit is skipped or streamed exactly to its end, and its size is told: the messages
//                  around it are untouched; check() asks it where the subject has a generous() one
// - lifetime       input that was used up is never read again: each piece is an allocation of its own, and freed
//
// A framing that depends on gaps or cuts (subject::depends_on) is exempt from boundary, shift, segmentation and
// confluence as far as they cannot hold; its round trip has each frame in a piece of its own, with a gap behind it.
//
// Each function returns nothing, or a paragraph that says which law broke, on which bytes, at which cuts, shrunk.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "weir/framing/subject.h"

namespace [[gnu::visibility("default")]] weir {
namespace laws {

// How far a check goes. Ways that share their first pieces share the work: the decoder is copied there (that a copy
// goes on like the original is a law of its own), but no way is left out because another one led to the same state.
struct effort {
    effort() = default;

    static effort quick();     // tens of microseconds a stream: for a fuzzer
    static effort usual();     // the default: for a test
    static effort complete();  // minutes a framing: all that is promised, nothing sampled up to 4 KiB

    std::size_t every_cut_bytes = 12;   // streams up to so many bytes are cut in every way there is: 2^(n-1) ways
    std::size_t three_cuts_bytes = 40;  // up to so many: all cuts into at most four pieces
    std::size_t three_cuts_share = 1;   // of those, the ones with every so-manieth place for the first cut
    std::size_t one_cut_bytes = 512;    // up to so many: each place to cut it in two
    std::size_t random_cuts = 50;       // longer ones: so many random ways
    std::size_t every_pair_bytes = 64;  // confluence for every i < j; longer streams: as many random pairs
    std::uint64_t shift_bytes =
        70'000;              // so many bytes, and what makes a whole message of them, are before a shifted stream
    std::uint64_t seed = 1;  // of what is random
};

using broken_law = std::optional<std::string>;

// One law each. `stream` is any bytes; the decoder is told the end of the stream behind them.
broken_law round_trip(const subject& tested, std::span<const bytes> messages);
broken_law closure(const subject& tested, bytes_view stream);
broken_law fidelity(const subject& tested, bytes_view stream);
broken_law checksum(const subject& tested, std::span<const bytes> messages);
broken_law boundary(const subject& tested, bytes_view stream, std::span<const bytes> messages);
broken_law segmentation(const subject& tested, bytes_view stream, const effort& how_far = {});
broken_law confluence(const subject& tested, bytes_view stream, const effort& how_far = {});
broken_law faithful_state(const subject& tested, bytes_view stream);
broken_law independence(const subject& tested, bytes_view stream);
broken_law bounded(const subject& tested, bytes_view stream);
broken_law finality(const subject& tested, bytes_view stream);
// The stream behind `distance` bytes or a little more, made of the first of these messages that the encoder accepts.
broken_law shift(const subject& tested, bytes_view stream, std::span<const bytes> messages, std::uint64_t distance);
// `tested` skips or streams what is over its limit; `generous` is the same framing with a limit that none of the
// messages reaches, and encodes them.
broken_law resync(const subject& tested, const subject& generous, std::span<const bytes> messages,
                  const effort& how_far = {});

// All laws but resync: on these messages and on others at the edges, on their frames together, on that stream truncated
// and changed, on bytes that make extreme numbers, on more than the limit, and on random bytes.
broken_law check(const subject& tested, std::span<const bytes> messages, const effort& how_far = {});

}  // namespace laws
}  // namespace weir
