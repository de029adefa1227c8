// Every way of cutting a stream of up to 20 bytes: 2^19 ways. EVERY_CUT_BYTES in the environment sets another length (sanitizers
// take ten times as long).
#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

#include "weir/base/text.h"
#include "weir/framing/laws.h"

using namespace weir;
using namespace std::string_view_literals;

TEST_CASE("a stream gives the same for every way of cutting it") {
    struct sample {
        const char* framing;
        std::string_view stream;
    };
    // At 20 bytes, and with the interesting ones in front for shorter runs.
    const sample samples[] = {
        {"lines,max=4,oversize=skip", "a\r\n\nlonger\r\r\nb\r\ncd"sv},
        {"lines:crlf,max=3,oversize=stream,end=deliver", "\r\nlonger\rx\r\nab\r\nlast"sv},
        {"lines,check=xor8,max=3", "aa\0\nab\3\r\nabc`\nabc`\n"sv},
        {"len8,max=4,oversize=stream,check=sum8", "\3\1\2\3\6abcde\xef\2\7\7\1\0\5abcd"sv},
        {"len16,offset=1,counts=whole,header=keep,max=6", "Q\0\5abR\0\3S\0\6xyzT\0\7abc"sv},
        {"len32le,magic=ca,max=3,oversize=skip", "\xca\1\0\0\0a\xca\4\0\0\0abcd\xca\0\0\0\0"sv},
    };
    const char* const wanted = std::getenv("EVERY_CUT_BYTES");
    const std::size_t bytes_cut = wanted == nullptr ? 12 : parse_unsigned(wanted).value_or(0);
    REQUIRE(bytes_cut >= 2);
    laws::effort every;
    every.every_cut_bytes = bytes_cut;
    for (const auto& one : samples) {
        const auto tested = laws::subject_of(*framing::parse(one.framing));
        const auto stream = one.stream.substr(0, bytes_cut);
        if (auto broken = laws::segmentation(*tested, stream, every)) FAIL_CHECK(*broken);
    }
}
