// Edge cases of the error texts for wrong bytes and wrong descriptions. The other tests would not detect a bug in these
// places.
#include <doctest/doctest.h>

#include <string>

#include "said.h"
#include "weir/framing/grammar.h"

using namespace weir;
using namespace std::string_view_literals;
using weir_test::decoded;

namespace {

bool says(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a length field that is text is recognised, but a single byte is not text") {
    CHECK(says(decoded("len16,max=9", "a\rxx"), "its bytes are the text"));
    CHECK(says(decoded("len16,max=9", "\nbxx"), "its bytes are the text"));
    CHECK(says(decoded("len16,max=9", "\t~xx"), "its bytes are the text"));
    CHECK(says(decoded("len16,max=9", "\x20\x20xx"), "its bytes are the text"));
    CHECK_FALSE(says(decoded("len16,max=9", "a\x7fxx"), "its bytes are the text"));
    CHECK_FALSE(says(decoded("len16,max=9", "a\x1fxx"), "its bytes are the text"));
    CHECK_FALSE(says(decoded("len8,max=9", "axx"), "its bytes are the text"));
}

TEST_CASE("the other byte order is suggested if its number is different and within the limit") {
    CHECK(says(decoded("len16,max=5", "\5\0"sv), "it would be 5 in little-endian"));
    CHECK(says(decoded("len16le,max=5", "\0\5"sv), "it would be 5 in big-endian"));
    CHECK_FALSE(says(decoded("len16,max=4", "\5\0"sv), "it would be"));
    CHECK_FALSE(says(decoded("len16,max=5", "\6\6"sv), "it would be"));
    CHECK_FALSE(says(decoded("len8,max=5", "\6"), "it would be"));
}

TEST_CASE("another protocol is named when its first bytes have all arrived, however short the header is") {
    CHECK(says(decoded("len24,max=9", "\x16\3\1"), "a TLS handshake"));
    CHECK_FALSE(says(decoded("len16,max=9", "\x16\3"), "a TLS handshake"));
    CHECK(says(decoded("len16,max=9", "\x16\3\1"), "a TLS handshake"));
    CHECK(says(decoded("len24,max=9", "GET "), "an HTTP request"));
    CHECK_FALSE(says(decoded("len24,max=9", "GET"), "an HTTP request"));
}

TEST_CASE("a wrong magic is an error at its first wrong byte") {
    for (const char* const text : {"varint,offset=2,magic=cafe", "len32,offset=2,magic=cafe"}) {
        decoder decode(*framing::parse(text));
        decode.feed("\xca");
        CHECK(decode.next().what == decoder::more);
        decode.feed("\xff");
        CHECK(decode.next().what == decoder::failed);
        CHECK(decode.failed_at() == 1);
    }
}

TEST_CASE("the bytes of a skipped message are counted correctly, however it was split") {
    for (const char* const text : {"lines,max=2,oversize=skip", "delimited:0a,max=2,oversize=skip"}) {
        decoder decode(*framing::parse(text));
        for (const char one : "abcdefgh\nxy"sv) {
            decode.feed(std::string_view(&one, 1));
            const decoder::event step = decode.next();
            CHECK(step.what == (one == '\n' ? decoder::skipped : decoder::more));
            if (one == '\n') {
                CHECK(step.size == 8);
                CHECK(decode.next().what == decoder::more);
            }
        }
        CHECK(decoded(text, "abcdefgh\nxy\n") == "-8<xy> end");
    }
}

TEST_CASE("a word with two wrong letters gets a suggestion, one with three does not") {
    CHECK(says(std::string(framing::parse("fxyed:1").error().message()), "did you mean fixed?"));
    CHECK_FALSE(says(std::string(framing::parse("fxyzd:1").error().message()), "did you mean"));
}

TEST_CASE("a length without options has four bytes in big-endian order") {
    const auto made = framing::make(description(framing_kind::length));
    REQUIRE(made);
    CHECK(made->to_string() == "len32");
}

TEST_CASE("a wrong escape pair in a skipped message is not reported as a wrong start mark") {
    for (const std::string rule : {"skip", "stream"}) {
        decoder partial(
            *framing::parse("delimited:00,start=0000,escape=0401:04/0402:00/0403:01,max=0,oversize=" + rule));
        for (const auto& part : {std::string("\0\0aa", 4), std::string("\4a")}) {
            partial.feed(part);
            while (partial.next().what == decoder::piece) {
            }
        }
        CHECK(partial.failed_at() == 4);
        CHECK(partial.failure().detail() == "the escape byte 04 is followed by 61, which is not a valid escape");
    }
}
