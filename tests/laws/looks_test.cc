// Bounded work: counts how often a decoder of each kind examines a byte on average, for several cuts of a stream. The
// bound is subject::most_looks(). The law of bounded work checks the same bound on all other streams of the tests and
// of the fuzz targets.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "weir/framing/laws/laws.h"

using namespace weir;

namespace {

// Feeds the stream in pieces of `piece` bytes. Returns how many bytes the decoder examines for 100 bytes of it.
std::uint64_t looks_in_percent(const laws::subject& tested, bytes_view stream, std::size_t piece) {
    const auto decode = tested.fresh();
    for (std::size_t fed = 0; fed < stream.size(); fed += piece) {
        decode->feed(stream.part(fed, std::min(piece, stream.size() - fed)));
        decoder::kind what = decoder::message;
        while (what == decoder::message || what == decoder::piece || what == decoder::skipped)
            what = decode->next().what;
        REQUIRE(what == decoder::more);
    }
    return decode->looked() * 100 / stream.size();
}

}  // namespace

TEST_CASE("every framing examines a byte no more often than its stated bound") {
    struct counted {
        const char* framing;
        std::uint64_t times;  // the stated bound
        std::size_t message_bytes;
    };
    const counted all[] = {
        {"lines", 3, 3},
        {"lines", 3, 9000},
        {"lines,max=2,oversize=skip", 3, 3},
        {"lines,max=2,oversize=stream", 3, 900},
        {"delimited:0d0a", 2, 3},
        {"delimited:\"\\r\\n\"/\"\\n\"", 2, 9000},
        {"delimited:0d0a,max=2,oversize=skip", 2, 3},
        {"delimited:7e,escape=7d01:7d/7d02:7e,max=5,oversize=stream", 2, 90},
        {"len8", 2, 0},
        {"len32", 2, 3},
        {"len16,offset=30", 2, 1},
        {"len64,max=3,oversize=skip", 2, 4},
        {"varint", 1, 0},
        {"varint,offset=30", 1, 200},
        {"netstring", 1, 0},
        {"netstring,max=3,oversize=stream", 1, 9000},
        {"fixed:3", 0, 3},
        {"record:!Hx", 0, 3},
        {"chunks", 0, 3},
        {"idle:20ms", 0, 3},
    };
    for (const auto& one : all) {
        CAPTURE(std::string(one.framing));
        const auto described = *framing::parse(one.framing);
        const auto tested = laws::subject_of(described);
        CHECK(tested->most_looks() == one.times);
        buffer stream;
        const auto generous = laws::subject_of([&] {
            description fields = described.fields();
            fields.max.reset();
            return *framing::make(fields);
        }());
        while (stream.size() < 40'000) REQUIRE(generous->encode(std::string(one.message_bytes, 'x'), stream));
        for (const std::size_t piece : {1u, 2u, 3u, 7u, 64u, 1000u, 50'000u}) {
            CAPTURE(piece);
            CHECK(looks_in_percent(*tested, stream.view(), piece) <= 100 * one.times + 1);
        }
    }
}
