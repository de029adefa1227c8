// The laws that every framing obeys, as functions that search for a counterexample. They test weir's framings, and they
// can test a decoder of your own. They depend only on the framing layer; use them with any test framework:
//
//     auto broken = laws::check(*laws::subject_of(framing::len32().max(100)), messages);
//     REQUIRE_MESSAGE(!broken, *broken);
//
// - round trip     an encoded message decodes to the same message, and nothing else is returned
// - closure        the encoder accepts every message that the decoder returns; the frame decodes to this message
// - fidelity       encoding the decoded messages gives the bytes that were read; when a message may have several valid
//                  encodings, some of these bytes may be left out (lines: a CR)
// - checksum       a frame whose checksum has one changed bit is refused
// - boundary       where the stream may end cleanly, the next message may begin: nothing is held back or lost
// - shift          after other messages the results are the same, and the place of an error is shifted by their size
// - segmentation   messages, errors and their places are the same however the bytes are cut, empty pieces included
// - confluence     decoding bytes [i, j) from the state after i bytes gives the state after j bytes; segmentation
//                  follows from this
// - faithful state states that compare equal behave equally from then on
// - independence   a decoder affects neither another decoder nor its copies
// - bounded        the decoder holds no more bytes than arrived, and no more than the largest message and its overhead;
//                  on average, it examines a byte at most subject::most_looks() times
// - finality       after a failure or the end, no call changes the result
// - resync         a message over the limit is skipped or streamed exactly to its end, and its size is reported; the
//                  messages around it are unaffected; check() tests this law when subject::generous() is not null
// - lifetime       consumed input is never read again: each piece is an allocation of its own, which is freed
//
// A framing that depends on gaps or cuts (subject::depends_on) is exempt from boundary, shift, segmentation and
// confluence where these laws cannot hold. For its round trip, each frame is fed as a separate piece, with a gap after
// it.
//
// Each function returns nothing, or a paragraph that contains the broken law, the bytes and the cuts, shrunk to a small
// example.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "weir/framing/laws/subject.h"

namespace [[gnu::visibility("default")]] weir {
namespace laws {

// How thorough a check is. Segmentations with the same first pieces share the work: the decoder is copied after those
// pieces. (A separate law requires that a copy behaves like the original.) No segmentation is left out merely because
// another one led to the same state.
struct effort {
    effort() = default;

    static effort quick();     // tens of microseconds per stream: for a fuzzer
    static effort usual();     // the default: for a test
    static effort complete();  // minutes per framing: every cut and every pair up to 4 KiB

    std::size_t every_cut_bytes = 12;    // streams up to this size: all 2^(n-1) segmentations
    std::size_t three_cuts_bytes = 40;   // up to this size: all cuts into at most four pieces
    std::size_t three_cuts_share = 1;    // of these, only every n-th place for the first cut
    std::size_t one_cut_bytes = 512;     // up to this size: all cuts into two pieces
    std::size_t random_cuts = 50;        // streams over three_cuts_bytes: number of random segmentations
    std::size_t every_pair_bytes = 64;   // up to this size: confluence for all i < j; longer: this many random pairs
    std::uint64_t shift_bytes = 70'000;  // least total size of the messages before a shifted stream
    std::uint64_t seed = 1;              // seed of the random choices
};

// Empty when the law holds; otherwise a report with the smallest messages and cuts found that break it.
using broken_law = std::optional<std::string>;

// Each function checks one law. `stream` can contain any bytes; the stream ends after them.
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
// The decoder first consumes `distance` bytes or a little more: repeated frames of the first of these messages that the
// encoder accepts.
broken_law shift(const subject& tested, bytes_view stream, std::span<const bytes> messages, std::uint64_t distance);
// `tested` skips or streams messages over its limit. `generous` is the same framing with a limit that none of the
// messages exceeds; it encodes them.
broken_law resync(const subject& tested, const subject& generous, std::span<const bytes> messages,
                  const effort& how_far = {});

// Checks all laws; resync only when tested.generous() is not null. The inputs are these messages, edge cases, the
// stream of their frames, this stream truncated and changed, extreme numbers, more bytes than the limit, and random
// bytes.
broken_law check(const subject& tested, std::span<const bytes> messages, const effort& how_far = {});

}  // namespace laws
}  // namespace weir
