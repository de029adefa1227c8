// Runs a decoder for the laws: on a stream that is cut at given places, with a recorded outcome. Only for the sources
// of the laws.
#pragma once

#include <string>
#include <vector>

#include "weir/framing/laws/laws.h"

namespace weir::laws::internal {

// Ascending places at which the stream is cut. A place that occurs twice makes an empty piece, and so does 0 or the
// size of the stream.
using cuts = std::vector<std::size_t>;

struct item {
    decoder::kind kind;  // message, skipped, or piece for all pieces of a message, joined
    bytes content;
    std::uint64_t size;
    bool complete;

    bool operator==(const item& other) const = default;
};

// The result of decoding a stream.
struct outcome {
    std::vector<item> items;
    decoder::kind ending = decoder::more;
    errc why = errc::none;
    std::uint64_t place = 0;
    std::string trouble;  // describes something that no decoder may do; usually empty

    bool operator==(const outcome& other) const = default;
};

// How a run ends. open: the stream continues. drained: finish() is called after next() returned more. eager: finish()
// is called right after the last piece, before next().
enum class ending : std::uint8_t { open, drained, eager };
// What separates two pieces: nothing, or a gap in time.
enum class between : std::uint8_t { nothing, gap };

outcome run(const subject& tested, bytes_view stream, const cuts& where, ending how = ending::drained,
            between pieces = between::nothing);
// Returns the cuts that make pieces of one byte each.
cuts every_byte(std::size_t size);

// Feeds a decoder piece by piece. Each piece has its own allocation, which is overwritten and freed after the decoder
// has consumed the piece. Checks that the decoder holds no more bytes than it may. A feeder either records the outcome,
// or follows a known outcome and detects the first difference. A feeder that follows records no items, so a copy of it
// is cheap.
class feeder {
public:
    explicit feeder(std::unique_ptr<subject> tested, const outcome* followed = nullptr)
        : tested_(std::move(tested)), followed_(followed) {}

    // These functions return whether the stream continues. They return false after a failure, the end, trouble, or a
    // difference from the followed outcome.
    bool feed(bytes_view piece, bool finished = false);
    bool finish();
    bool gap();
    // Takes all events that next() returns now. feed(), finish() and gap() call drain().
    bool drain(std::size_t bytes_there);

    subject& tested() const noexcept { return *tested_; }
    const outcome& seen() const noexcept { return seen_; }  // has no items when the feeder follows
    // Returns another feeder in the same state. Call copy() only after feed().
    feeder copy() const;

    bool strayed() const noexcept { return strayed_ || !seen_.trouble.empty(); }
    // True when the feeder reached the end of the followed outcome and ended in the same way.
    bool arrived() const;
    // True when both have equal states and have reached the same place in the followed outcome.
    friend bool agree(const feeder& one, const feeder& other);

private:
    void note(const decoder::event& step);
    void follow(const decoder::event& step);
    void check_held();

    std::unique_ptr<subject> tested_;
    const outcome* followed_;
    std::size_t items_ = 0;        // items of followed_ that arrived whole
    std::size_t piece_bytes_ = 0;  // bytes of the next item that arrived
    bool strayed_ = false;
    std::size_t fed_ = 0;
    outcome seen_;
};

// Checks the law of shift on each of these streams. The messages that precede the streams are decoded only once.
broken_law shift_each(const subject& tested, std::span<const bytes> streams, std::span<const bytes> messages,
                      std::uint64_t distance);

// Checks the law of independence: a copy made at this place decodes the rest of the stream, and the original must not
// change. Code that makes copies of copies calls this function first. Otherwise, the calls on a decoder that shares its
// state with its copies could look like misuse, such as feed() after finish().
broken_law shared_copy(const subject& tested, bytes_view stream, std::size_t place);

std::string say(const outcome& seen);
std::string say(const cuts& where);
std::string report(const subject& tested, std::string_view law, bytes_view stream, const std::string& what);

}  // namespace weir::laws::internal
