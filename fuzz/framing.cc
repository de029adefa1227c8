// Fuzzes the laws (laws.h): they must hold for any framing of the kind that FRAMING_KIND names (of any kind when it is
// unset), any messages and any stream. When a law is broken, the program shrinks the counterexample and prints it. It
// also prints the line of choices that replays it in the test "one trial again, from its choices".
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "tests/laws/any_framing.h"
#include "weir/base/internal/random.h"

namespace {

std::optional<weir::framing_kind> asked;

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    const char* const word = std::getenv("FRAMING_KIND");
    if (word == nullptr) return 0;
    asked = any_framing::kind_of(word);
    if (asked) return 0;
    std::fprintf(stderr, "FRAMING_KIND: there is no kind of framing with this name: %s\n", word);
    std::exit(2);
}

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

// Replaces every fourth input with random bytes of random size. Mutating a long sequence of choices rarely gives a very
// different run, and a short sequence gives only simple runs.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
    weir::internal::random_source draw(seed);
    if (!draw.one_in(4)) return LLVMFuzzerMutate(data, size, most);
    const auto fresh = static_cast<std::size_t>(draw.between(1, most));
    for (std::size_t i = 0; i < fresh; ++i) data[i] = static_cast<std::uint8_t>(draw.next());
    return fresh;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    weir::choices draw = weir::choices::fuzzed({reinterpret_cast<const std::byte*>(data), size});
    if (!any_framing::trial(draw, asked)) return 0;
    std::fprintf(stderr, "a law is broken; shrinking CHOICES=%s\n", weir::choices::say(draw.row()).c_str());
    std::fprintf(stderr, "%s\n", any_framing::smallest(draw.row(), asked).c_str());
    std::abort();
}
