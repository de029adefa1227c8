// header:NAME on literal bytes.
#include <doctest/doctest.h>

#include <string>

#include "said.h"
#include "weir/framing/encoder.h"

using namespace weir;
using namespace std::string_literals;
using weir_test::decoded;
using weir_test::encoded;
using weir_test::refusal;

namespace {

const char* const lsp = "header:Content-Length";

}  // namespace

// https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/#baseProtocol
TEST_CASE("header: the field announces the size, and other fields are ignored") {
    CHECK(decoded(lsp, "Content-Length: 5\r\n\r\nhelloContent-Length: 0\r\n\r\n") == "<hello><> end");
    CHECK(
        decoded(lsp,
                "Content-Type: application/vscode-jsonrpc; charset=utf-8\r\ncontent-LENGTH:\t 2 \r\nX: y\r\n\r\n{}") ==
        "<{}> end");
    CHECK(encoded(*framing::parse(lsp), "hello") == "Content-Length: 5\r\n\r\nhello");
    CHECK(encoded(framing::header("n").reject_empty(), "") == "it is empty, and empty=reject refuses that");
    CHECK(framing::header("Content-Length").keep_header() == *framing::parse("header:Content-Length,header=keep"));
}

TEST_CASE("header: with header=keep the message has its header, and other fields are sent") {
    const auto keep = *framing::parse("header:Content-Length,header=keep");
    const std::string frame = "A: b\r\nContent-Length: 2\r\n\r\n{}";
    CHECK(decoded(keep, frame) == "<" + frame + "> end");
    CHECK(encoded(keep, frame) == frame);
    CHECK(encoded(keep, "Content-Length: 3\r\n\r\n{}") ==
          "its header announces a message of 24 bytes, but it has 23 bytes");
    CHECK(encoded(keep, "{}") == "it has 2 bytes, fewer than the header that header=keep expects in the message");
    CHECK(encoded(keep, "A: b\r\n\r\n") == "a header has no Content-Length");
}

TEST_CASE("header: a wrong size is refused by name") {
    const auto of = [](const std::string& value) { return decoded(lsp, "Content-Length:" + value + "\r\n\r\n"); };
    const auto wrong = [](int place, const std::string& value) {
        return " malformed at " + std::to_string(place) +
               ": the Content-Length is not 1 to 18 decimal digits: \"Content-Length:" + value + "\"";
    };
    CHECK(of(" -1") == wrong(16, " -1"));
    CHECK(of(" +5") == wrong(16, " +5"));
    CHECK(of(" 0x5") == wrong(17, " 0x5"));
    CHECK(of(" 5, 5") == wrong(17, " 5, 5"));
    CHECK(of(" 1 2") == wrong(17, " 1 2"));
    CHECK(of("") == wrong(15, ""));
    CHECK(of(" ") == wrong(16, " "));
    CHECK(of(" 1234567890123456789") == wrong(34, " 1234567890123456789"));
    CHECK(of(" 12345678901234567890") == wrong(34, " 12345678901234567890"));
    CHECK(of(" 999999999999999999") ==
          " message too large at 0: a message of 999999999999999999 bytes is over the limit of 1 MiB");
    CHECK(decoded(lsp, "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello") ==
          " malformed at 19: a header has a second Content-Length: \"Content-Length: 5\"");
    CHECK(decoded(lsp, "Content-Type: x\r\n\r\n") == " malformed at 17: a header has no Content-Length");
    CHECK(decoded(lsp, "\r\nhello") == " malformed at 0: a header has no Content-Length");
}

TEST_CASE("header: a wrong line is refused when it ends") {
    CHECK(decoded(lsp, "Content-Length: 5\n\nhello") ==
          " malformed at 17: a line of a header ends in LF without CR before it");
    CHECK(decoded(lsp, "{\"jsonrpc\": 1}\r\n") ==
          " malformed at 0: a line of a header is not a name and a colon: \"{\\\"jsonrpc\\\": 1}\"");
    CHECK(decoded(lsp, "Content Length: 5\r\n") ==
          " malformed at 7: a line of a header is not a name and a colon: \"Content Length: 5\"");
    CHECK(decoded(lsp, "GET / HTTP/1.1\r\nHost: x\r\n\r\n") ==
          " malformed at 3: a line of a header is not a name and a colon: \"GET / HTTP/1.1\" (this looks like an HTTP "
          "request)");
    // A bare CR or a NUL might end the line for another parser.
    CHECK(decoded(lsp, "A: b\rContent-Length: 5\r\nContent-Length: 0\r\n\r\n") ==
          " malformed at 4: a line of a header has the control character 0d: \"A: b\\rContent-Length: 5\"");
    CHECK(decoded(lsp, "A: b\0c\r\n"s) ==
          " malformed at 4: a line of a header has the control character 00: \"A: b\\x00c\"");
    CHECK(decoded(lsp, "\rA: 1\r\n") == " malformed at 0: a line of a header is not a name and a colon: \"\\rA: 1\"");
    CHECK(decoded(lsp, "A: b\r\nContent-Len") ==
          " closed inside a message at 17: the stream ended after 17 bytes of a message whose end had not arrived");
}

TEST_CASE("header: a header has at most 4 KiB, however it arrives") {
    const std::string length = "\r\nContent-Length: 1\r\n\r\n";
    const std::string longest = "A:" + std::string(most_header_bytes - 2 - length.size(), 'a') + length;
    CHECK(decoded(lsp, longest + "x") == "<x> end");
    const std::string longer = "A:a" + std::string(most_header_bytes - 2 - length.size(), 'a') + length;
    CHECK(decoded(lsp, longer + "x") == " malformed at 4096: a header is longer than 4 KiB");
    decoder decode(*framing::parse(lsp));
    for (std::size_t i = 0; i <= most_header_bytes; ++i) {
        CHECK(decode.next().what == decoder::more);
        decode.feed("A");
    }
    CHECK(decode.next().what == decoder::failed);
    CHECK(decode.failed_at() == most_header_bytes);
}

TEST_CASE("header: descriptions") {
    CHECK(framing::parse("header:Content-Length,max=1KiB")->to_string() == "header:Content-Length,max=1KiB");
    CHECK(refusal("header") == "header needs an argument, like header:Content-Length");
    CHECK(refusal("header:") == "header needs the name of the field with the length, like header:Content-Length");
    CHECK(refusal("header:a b") == "header needs the name of the field with the length, like header:Content-Length");
    CHECK(refusal("header:n,header=after") == "header=after is for a length with a place in the header");
    CHECK(refusal("header:n,offset=1") == "\"offset\" does not apply to header");
    CHECK(refusal("header:" + std::string(65, 'a')) == "the name of the field is longer than 64 bytes");
}
