// If a peer uses another protocol, the error text names it, for each framing and for every cut of the bytes.
#include <doctest/doctest.h>

#include <string>

#include "said.h"
#include "weir/framing/decoder.h"

using namespace weir;
using namespace std::string_view_literals;

namespace {

constexpr std::string_view http = "GET / HTTP/1.1\r\nHost: weir\r\n\r\n";
constexpr std::string_view tls = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"sv;
constexpr std::string_view ssh = "SSH-2.0-OpenSSH_9.2p1\r\n";

// Feeds these bytes in pieces of this size, and the end of the stream. Returns the error text of the decoder.
std::string why(const framing& described, std::string_view stream, std::size_t piece) {
    decoder decode(described);
    for (std::size_t at = 0; at < stream.size(); at += piece) {
        const bytes part(stream.substr(at, piece));
        decode.feed(part);
        while (true) {
            const auto happened = decode.next();
            if (happened.what == decoder::failed) return std::string(decode.failure().detail());
            if (happened.what == decoder::more) break;
        }
    }
    decode.finish();
    while (true) {
        const auto happened = decode.next();
        if (happened.what == decoder::failed) return std::string(decode.failure().detail());
        if (happened.what == decoder::end) return "nothing is wrong";
    }
}

bool is_named(std::string_view framing_text, std::string_view stream, std::string_view name) {
    CAPTURE(std::string(framing_text));
    const auto described = *framing::parse(framing_text);
    const std::string whole = why(described, stream, stream.size());
    CAPTURE(whole);
    for (std::size_t piece = 1; piece < stream.size(); ++piece) CHECK(why(described, stream, piece) == whole);
    return whole.ends_with(" (this looks like " + std::string(name) + ")");
}

class numbered final : public format {
    verdict measure(const frame_bytes& frame, std::uint64_t& looked) const override {
        ++looked;
        return frame.content[0] == std::byte{'#'} ? verdict::frame(1, 1, 0) : verdict::broken(0);
    }
    void put_header(std::uint64_t, buffer& out) const override { out.append("#"); }
};

}  // namespace

TEST_CASE("another protocol is named, however it breaks the framing") {
    for (const char* text : {"len32",
                             "len16,max=5",
                             "len24",
                             "len64",
                             "len8,magic=ca",
                             "len16,magic=cafebabe,offset=6",
                             "varint,magic=01",
                             "varint,max=20,offset=1",
                             "netstring",
                             "netstring,max=5",
                             "delimited:03,start=02",
                             "delimited:7e,start=7e,escape=7d01:7d/7d02:7e",
                             "delimited:03",
                             "delimited:03,max=7",
                             "delimited:03,max=2",
                             "delimited:0a0a",
                             "fixed:4,check=crc32",
                             "fixed:1000",
                             "record:!1000s",
                             "len8,check=crc32,max=60"}) {
        CHECK(is_named(text, http, "an HTTP request"));
        CHECK(is_named(text, ssh, "an SSH greeting"));
    }
    for (const char* text : {"len32", "len16,magic=cafe", "netstring", "lines", "lines:crlf,max=4", "delimited:0d0a",
                             "delimited:03,start=02", "fixed:1000"}) {
        CHECK(is_named(text, tls, "a TLS handshake"));
    }
    const auto own = framing::custom("numbered", std::make_shared<numbered>());
    CHECK(why(own, http, 1) == why(own, http, http.size()));
    CHECK(why(own, http, 1).ends_with(" (this looks like an HTTP request)"));
    for (const std::string_view opening :
         {"POST /", "PUT /", "HEAD /", "DELETE /", "OPTIONS *", "PATCH /", "CONNECT h:1", "TRACE /"}) {
        CHECK(is_named("netstring", opening, "an HTTP request"));
    }
    CHECK(is_named("netstring", "PRI * HTTP/2.0\r\n", "an HTTP/2 connection"));
    CHECK(is_named("netstring", "HTTP/1.1 200 OK\r\n", "an HTTP response"));
    CHECK(is_named("netstring", "PROXY TCP4 ", "a PROXY protocol header"));
}

TEST_CASE("bytes that only resemble another protocol get the ordinary error of the framing") {
    CHECK(weir_test::decoded(framing::netstring(), "GETTING") ==
          " malformed at 0: a netstring begins with its length in digits, not with \"G\"");
    CHECK(weir_test::decoded(framing::netstring(), "GE") ==
          " malformed at 0: a netstring begins with its length in digits, not with \"G\"");
    CHECK(weir_test::decoded(framing::netstring(), "x") ==
          " malformed at 0: a netstring begins with its length in digits, not with \"x\"");
    CHECK(weir_test::decoded(framing::len16(), "GE") ==
          " closed inside a message at 2: the stream ended after 2 bytes of a frame of 18247 bytes "
          "(its bytes are the text \"GE\")");
    CHECK(why(framing::lines(), "POSTPONED", 9).find("looks like") == std::string::npos);
}
