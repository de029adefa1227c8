// How the laws run a decoder: a stream, the places at which it is cut, and what came out. For the laws' own sources
// alone.
#pragma once

#include <string>
#include <vector>

#include "weir/framing/laws.h"

namespace weir::laws::internal {

// Ascending places at which the stream is cut. An empty piece is a place that stands twice, or 0, or the size of the
// stream.
using cuts = std::vector<std::size_t>;

struct item {
    decoder::kind kind;  // message; piece: all pieces of a message, joined; skipped
    bytes content;
    std::uint64_t size;
    bool complete;

    bool operator==(const item& other) const = default;
};

// What a decoder made of a stream.
struct outcome {
    std::vector<item> items;
    decoder::kind ending = decoder::more;
    errc why = errc::none;
    std::uint64_t place = 0;
    std::string trouble;  // something no decoder may do

    bool operator==(const outcome& other) const = default;
};

// How a run ends: the stream goes on; finish() after next() has said more; finish() at once behind the last piece.
enum class ending : std::uint8_t { open, drained, eager };
// What lies between two pieces: nothing, or a gap in time.
enum class between : std::uint8_t { nothing, gap };

outcome run(const subject& tested, bytes_view stream, const cuts& where, ending how = ending::drained,
            between pieces = between::nothing);
// One byte a piece.
cuts every_byte(std::size_t size);

// A decoder that is fed piece by piece, each from an allocation of its own, which is overwritten and freed when it is
// used up. What it holds is compared with what it may. It either writes down what came, or follows an outcome that is
// known and says when it leaves it: then nothing of the outcome is copied with it.
class feeder {
public:
    explicit feeder(std::unique_ptr<subject> tested, const outcome* followed = nullptr)
        : tested_(std::move(tested)), followed_(followed) {}

    // All say whether the stream goes on: false after a failure, the end, trouble, or when it left what it follows.
    bool feed(bytes_view piece, bool finished = false);
    bool finish();
    bool gap();
    // Takes all that is to be had now; feed(), finish() and gap() do it.
    bool drain(std::size_t bytes_there);

    subject& tested() const noexcept { return *tested_; }
    const outcome& seen() const noexcept { return seen_; }  // no items when it follows
    // Another one in the same state. Only after feed().
    feeder copy() const;

    bool strayed() const noexcept { return strayed_ || !seen_.trouble.empty(); }
    // It came to the end of what it follows, and it ended in the same way.
    bool arrived() const;
    // Equal state, and equally far on what both follow.
    friend bool agree(const feeder& one, const feeder& other);

private:
    void note(const decoder::event& step);
    void follow(const decoder::event& step);
    void check_held();

    std::unique_ptr<subject> tested_;
    const outcome* followed_;
    std::size_t items_ = 0;        // so many of followed_ came whole
    std::size_t piece_bytes_ = 0;  // and so much of the next
    bool strayed_ = false;
    std::size_t fed_ = 0;
    outcome seen_;
};

// The law of shift on each of these streams: the way there is walked once.
broken_law shift_each(const subject& tested, std::span<const bytes> streams, std::span<const bytes> messages,
                      std::uint64_t distance);

// The law of independence for a copy made at this place, that goes to the end while the original waits. What walks a
// tree of copies asks it first: a decoder that shares its state with them cannot be told apart from a misuse of it
// later.
broken_law shared_copy(const subject& tested, bytes_view stream, std::size_t place);

std::string say(const outcome& seen);
std::string say(const cuts& where);
std::string report(const subject& tested, std::string_view law, bytes_view stream, const std::string& what);

}  // namespace weir::laws::internal
