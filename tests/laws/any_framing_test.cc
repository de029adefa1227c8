// Random framings keep the laws on random streams. The test does what the fuzz targets do, with fixed seeds.
// CHOICES=3,0*17,5 in the environment repeats one trial, with the kind of framing that FRAMING_KIND names.
#include "tests/laws/any_framing.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

using namespace weir;

TEST_CASE("any framing keeps the laws on any stream") {
    std::size_t contradictions = 0;
    for (const auto word : any_framing::kind_words) {
        for (std::uint64_t seed = 1; seed <= 150; ++seed) {
            choices draw = choices::random(seed);
            if (any_framing::trial(draw, any_framing::kind_of(word))) {
                FAIL_CHECK("seed " << seed << ", FRAMING_KIND=" << std::string(word) << "\n"
                                   << any_framing::smallest(draw.row(), any_framing::kind_of(word)));
                break;
            }
            choices described = choices::random(seed);
            if (!framing::make(any_framing::describe(described, *any_framing::kind_of(word)))) ++contradictions;
        }
    }
    // Most descriptions must be valid, or the test tries too little.
    CHECK(contradictions < std::size(any_framing::kind_words) * 150 / 4);
}

TEST_CASE("one trial is repeated with the choices in the environment") {
    const char* const said = std::getenv("CHOICES");
    if (said == nullptr) return;
    const auto row = choices::parse(said);
    REQUIRE_MESSAGE(row, "CHOICES is no row of choices: " << std::string(said));
    const char* const kind = std::getenv("FRAMING_KIND");
    choices draw = choices::replay(*row);
    if (auto broken = any_framing::trial(draw, kind == nullptr ? std::nullopt : any_framing::kind_of(kind)))
        FAIL_CHECK(*broken);
}
