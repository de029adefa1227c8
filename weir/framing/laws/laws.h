// The laws that every framing obeys, as functions that search for a counterexample. They test weir's framings and a
// decoder of your own. They depend only on the framing layer; use them from any test framework:
//
//     auto broken = laws::check(*laws::subject_of(framing::len32().max(100)), messages);
//     REQUIRE_MESSAGE(!broken, *broken);
//
// - round trip     an encoded message decodes to the same message, and nothing else is returned
// - closure        the encoder accepts every message that the decoder returns, and it decodes to itself
// - fidelity       encoding the decoded messages gives the bytes that were read, or these bytes with some left out
//                  (lines: a CR) when a message may have several valid encodings
// - checksum       a frame whose checksum has one changed bit is refused
// - boundary       where the stream may end cleanly, the next message may begin: nothing is held back or lost
// - shift          after other messages the results are the same, and the place of an error is shifted by their size
// - segmentation   messages, errors and their places are the same however the bytes are cut, empty pieces included
// - confluence     decoding [i, j) from the state after i gives the state after j: the reason for segmentation
// - faithful state states that compare equal behave equally from then on
// - independence   a decoder does not affect another one, nor its copies
// - bounded        the decoder holds no more bytes than arrived, and no more than a message of the limit and its
//                  overhead; no byte is examined more than subject::most_looks() times
// - finality       after a failure or the end, no call changes the result
// - resync         a message over the limit is skipped or streamed exactly to its end, and its size is reported; the
//                  messages around it are unaffected; check() tests it when the subject has a generous() one
// - lifetime       consumed input is never read again: each piece is an allocation of its own, which is freed
//
// A framing that depends on gaps or cuts (subject::depends_on) is exempt from boundary, shift, segmentation and
// confluence as far as they cannot hold. Its round trip has each frame in a piece of its own, with a gap after it.
//
// Each function returns nothing, or a paragraph with the broken law, the bytes and the cuts, shrunk to a small example.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "weir/framing/laws/subject.h"

namespace [[gnu::visibility("default")]] weir {
namespace laws {

// How thorough a check is. Segmentations with the same first pieces share the work: the decoder is copied after those
// pieces. (That a copy behaves like the original is a law of its own.) No segmentation is left out because another one
// led to the same state.
struct effort {
    effort() = default;

    static effort quick();     // tens of microseconds a stream: for a fuzzer
    static effort usual();     // the default: for a test
    static effort complete();  // minutes a framing: every cut and every pair up to 4 KiB

    std::size_t every_cut_bytes = 12;    // streams up to this size: all 2^(n-1) segmentations
    std::size_t three_cuts_bytes = 40;   // up to this size: all cuts into at most four pieces
    std::size_t three_cuts_share = 1;    // of those, only every n-th place for the first cut
    std::size_t one_cut_bytes = 512;     // up to this size: each place to cut it in two
    std::size_t random_cuts = 50;        // longer ones: number of random segmentations
    std::size_t every_pair_bytes = 64;   // confluence for every i < j; longer streams: this number of random pairs
    std::uint64_t shift_bytes = 70'000;  // least size of the whole messages before a shifted stream
    std::uint64_t seed = 1;              // seed of the random choices
};

// Empty where the law holds; else a report of what broke it, with the smallest messages and cuts found that do.
using broken_law = std::optional<std::string>;

// One law each. `stream` is any bytes, after which the stream ends.
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
// The stream follows `distance` bytes or a little more: frames of the first of these messages that the encoder accepts.
broken_law shift(const subject& tested, bytes_view stream, std::span<const bytes> messages, std::uint64_t distance);
// `tested` skips or streams messages over its limit. `generous` is the same framing with a limit that none of the
// messages reaches; it encodes them.
broken_law resync(const subject& tested, const subject& generous, std::span<const bytes> messages,
                  const effort& how_far = {});

// All laws; resync only when tested.generous() is not null. Checks these messages and others at the edges, the stream
// of their frames, that stream truncated and changed, bytes that make extreme numbers, more bytes than the limit, and
// random bytes.
broken_law check(const subject& tested, std::span<const bytes> messages, const effort& how_far = {});

}  // namespace laws
}  // namespace weir
