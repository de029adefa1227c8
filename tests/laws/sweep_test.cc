// The sweeps check the laws for all cuts of a stream and all pairs of places, with samples of every kind of framing.
// LAW_EFFORT selects the sizes:
//
//                              quick (when unset)   usual (./check, release)   complete (./check full)
//     all ways to cut          12 bytes             20 bytes: 2^19             20 bytes
//     at most four pieces      200 bytes, of the first cuts every 100th, 40th, each: 1.3 million ways
//     confluence, i < j        96 bytes             512 bytes                  4 KiB: 8.4 million pairs
//     sampled pairs            4 KiB                4 KiB                      -
//     shift                    64 KiB               64 KiB                     4 GiB
//
// LAW_FIRST=7 leaves out the framings before the seventh. A complete sweep takes two minutes for each framing, and can
// be done in parts.
#include <doctest/doctest.h>

#include <cstdlib>
#include <span>
#include <string>

#include "tests/laws/straight_subject.h"
#include "weir/base/choices.h"
#include "weir/framing/laws/laws.h"

using namespace weir;
using namespace std::string_view_literals;

namespace {

struct sample {
    const char* framing;
    const char* generous;      // the same framing with a greater limit
    std::string_view telling;  // bytes that are special in this framing
};

// Framings of every kind, whose decoders strip, skip, stream, keep a header, check a checksum, or unstuff.
const sample samples[] = {
    {"lines,max=4,oversize=skip", "lines", "\r\n"},
    {"lines:crlf,max=3,oversize=stream,end=deliver", "lines", "\r"},
    {"delimited:\"\\n\\n\"/\"\\r\",max=5,oversize=stream", "delimited:\"\\n\\n\"/\"\\r\"", "\n"},
    {"delimited:0a,start=02,escape=0d01:0d/0d02:0a,max=6,check=xor8",
     "delimited:0a,start=02,escape=0d01:0d/0d02:0a,check=xor8", "\r\n\2"},
    {"fixed:3,check=sum8", "fixed:3,check=sum8", "\0"sv},
    {"len8,max=4,oversize=stream,check=sum8", "len8,check=sum8", "\0"sv},
    {"len16,offset=1,counts=whole,header=keep,max=9,oversize=skip", "len16,offset=1,counts=whole,header=keep",
     "\0\5"sv},
    {"len32le,magic=ca,max=3,oversize=skip", "len32le,magic=ca", "\xca"},
    {"varint,max=5,oversize=stream,check=crc16-x25", "varint,check=crc16-x25", "\x80"},
    {"netstring,max=5,oversize=skip", "netstring", ":,"},
    {"record:!Hx", "record:!Hx", "\0"sv},
    {"len8,after=2,header=after,trailer=0a,max=6,oversize=stream,check=sum8",
     "len8,after=2,header=after,trailer=0a,check=sum8", "\n\0"sv},
    {"ber,max=4,oversize=stream", "ber", "\x81"},
    {"hex2,counts=whole,short=empty,max=4,oversize=skip", "hex2,counts=whole,short=empty", "0a"},
    {"digits:20,max=5,oversize=stream,check=lrc8", "digits:20,check=lrc8", "0 "},
    {"header:n,max=4,oversize=skip", "header:n", "n:\r\n"},
    {"delimited:0a,start=0a,escape=0d01:0d/0d02:0a,empty=skip,max=4,oversize=stream",
     "delimited:0a,start=0a,escape=0d01:0d/0d02:0a,empty=skip", "\r\n"},
    {"idle:20ms", "idle:20ms", "a"},
};

enum class reach : std::uint8_t { quick, usual, complete };

reach wanted() {
    const char* const said = std::getenv("LAW_EFFORT");
    const std::string_view text = said == nullptr ? "quick" : said;
    REQUIRE_MESSAGE((text == "quick" || text == "usual" || text == "complete"),
                    "LAW_EFFORT is quick, usual or complete, not " << std::string(text));
    return text == "quick" ? reach::quick : text == "usual" ? reach::usual : reach::complete;
}

std::size_t first_wanted() {
    const char* const said = std::getenv("LAW_FIRST");
    const auto first = said == nullptr ? std::size_t{1} : static_cast<std::size_t>(std::strtoul(said, nullptr, 10));
    REQUIRE_MESSAGE((first >= 1 && first <= std::size(samples)), "LAW_FIRST is the number of a framing, from 1");
    return first - 1;
}

// Returns a stream of exactly `size` bytes: frames of short messages, some over the limit, the last one partial.
bytes stream_of(const sample& one, std::size_t size) {
    const auto encodes = laws::subject_of(*framing::parse(one.generous));
    choices draw = choices::random(size);
    buffer frames;
    for (int tries = 0; frames.size() < size; ++tries) {
        if (tries == 1'000'000) FAIL("no message can be encoded: " << std::string(one.generous));
        bytes message = draw.content(draw.below(9));
        for (auto& byte : message) {
            if (draw.one_in(3)) byte = static_cast<std::byte>(draw.one_of(one.telling));
        }
        static_cast<void>(encodes->encode(message, frames));
    }
    return bytes(frames.view().first(size));
}

template <class Law>
void for_each_sample(std::size_t size, Law law) {
    for (const auto& one : std::span(samples).subspan(first_wanted())) {
        const auto described = *framing::parse(one.framing);
        const auto tested = laws::subject_of(described);
        const bytes stream = stream_of(one, size);
        const auto broken = law(*tested, stream);
        if (broken) FAIL_CHECK(*broken);
        if (!broken && wanted() == reach::complete) MESSAGE("held: " << std::string(one.framing));
        if (wanted() != reach::quick) continue;
        if (auto straight = law(any_framing::straight_subject(described), stream)) FAIL_CHECK(*straight);
    }
}

}  // namespace

TEST_CASE("sweep: a stream has the same result for every way of cutting it") {
    laws::effort every;
    every.every_cut_bytes = wanted() == reach::quick ? 12 : 20;
    for_each_sample(every.every_cut_bytes,
                    [&](const auto& tested, const bytes& stream) { return laws::segmentation(tested, stream, every); });
}

TEST_CASE("sweep: 200 bytes have the same result for all cuts into at most four pieces") {
    laws::effort pieces;
    pieces.three_cuts_bytes = 200;
    pieces.three_cuts_share = wanted() == reach::quick ? 100 : wanted() == reach::usual ? 40 : 1;
    for_each_sample(
        200, [&](const auto& tested, const bytes& stream) { return laws::segmentation(tested, stream, pieces); });
}

TEST_CASE("sweep: the state after j bytes is the same whether they were fed at once or after the first i bytes") {
    laws::effort pairs;
    pairs.every_pair_bytes = wanted() == reach::quick ? 96 : wanted() == reach::usual ? 512 : 4096;
    for_each_sample(pairs.every_pair_bytes,
                    [&](const auto& tested, const bytes& stream) { return laws::confluence(tested, stream, pairs); });
}

TEST_CASE("sweep: 4 KiB have the same result for sampled pairs of places and random cuts") {
    const laws::effort usual;
    for_each_sample(4096, [&](const auto& tested, const bytes& stream) {
        auto broken = laws::confluence(tested, stream, usual);
        return broken ? broken : laws::segmentation(tested, stream, usual);
    });
}

TEST_CASE("sweep: at a large offset the results are the same, and the place of an error has this offset") {
    const laws::effort how = wanted() == reach::complete ? laws::effort::complete() : laws::effort::usual();
    const bytes messages[] = {bytes("abc"), bytes("a"), bytes(std::string("\0\7QQ", 4)), bytes("Q\0\5ab"sv)};
    for_each_sample(99, [&](const auto& tested, const bytes& stream) {
        return laws::shift(tested, stream, messages, how.shift_bytes);
    });
}
