// How the laws run a decoder: a stream, the places at which it is cut, and what came out. For laws.cc and law_check.cc alone.
#pragma once

#include <string>
#include <vector>

#include "weir/framing/laws.h"

namespace weir::laws {

using cuts = std::vector<std::size_t>;  // ascending places at which the stream is cut, each inside it

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

outcome run(const subject& tested, bytes_view stream, const cuts& where, ending how = ending::drained);

// A decoder that is fed piece by piece, each from an allocation of its own, which is overwritten and freed when it is used up. What it
// holds is compared with what it may.
class feeder {
public:
    explicit feeder(std::unique_ptr<subject> tested) : tested_(std::move(tested)) {}

    // Both say whether the stream goes on: false after a failure, the end, or trouble.
    bool feed(bytes_view piece, bool finished = false);
    bool finish();

    subject& tested() noexcept { return *tested_; }
    const outcome& seen() const noexcept { return seen_; }
    // Another one in the same state. Only after feed().
    feeder copy() const;

private:
    bool drain(std::size_t bytes_there);
    void check_held();

    std::unique_ptr<subject> tested_;
    std::size_t fed_ = 0;
    outcome seen_;
};

std::string say(const outcome& seen);
std::string say(const cuts& where);
std::string report(const subject& tested, std::string_view law, bytes_view stream, const std::string& what);

}  // namespace weir::laws
