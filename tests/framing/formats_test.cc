// The framings delimited, fixed, record, varint, netstring, chunks and idle on literal bytes, and messages of
// well-known protocols.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "said.h"
#include "weir/base/text.h"
#include "weir/framing/decoder.h"
#include "weir/framing/encoder.h"

using namespace weir;
using namespace std::string_view_literals;
using weir_test::both_ways;
using weir_test::decoded;
using weir_test::encoded;

TEST_CASE("delimited: the first place at which a mark ends is the end") {
    CHECK(decoded("delimited:\",\"", "a,,bc,") == "<a><><bc> end");
    CHECK(decoded("delimited:\"\\r\\n\"", "a\rb\nc\r\r\n\r\n") == "<a\rb\nc\r><> end");
    CHECK(decoded("delimited:\"\\r\\n\"/\"\\n\"", "a\r\nb\n\r\r\n") == "<a><b><\r> end");
    CHECK(decoded("delimited:\"\\r\\n\\r\\n\"/\"\\n\\n\"", "a: b\r\nc: d\r\n\r\ne\n\n") == "<a: b\r\nc: d><e> end");
    CHECK(decoded("delimited:\"aa\"", "aaabaa") == "<><ab> end");
    CHECK(decoded("delimited:\"ab\",start=\"<\"", "<xab<ab") == "<x><> end");
    CHECK(decoded("delimited:\"ab\",start=\"<<\"", "<<xab<x") ==
          "<x> malformed at 6: a message begins with the start mark 3c3c, but byte 1 of it is 78");
    CHECK(decoded("delimited:\",\"", "a,b") ==
          "<a> closed inside a message at 3: the stream ended after 1 byte of a message whose end had not arrived");
    CHECK(decoded("delimited:\",\",max=3", "abc,abcd,") ==
          "<abc> message too large at 7: a message is over the limit of 3 bytes");
    CHECK(decoded("delimited:\"--\",start=\">\",max=3", ">abcd--") ==
          " message too large at 4: a message is over the limit of 3 bytes");
    CHECK(decoded("delimited:\"--\",start=\">\",max=3,oversize=skip", ">abcd-->ab--") == "-4<ab> end");
    CHECK(decoded("delimited:\"--\",start=\">\",max=3,oversize=stream", ">abcd-->ab--") == "{abcd}<ab> end");
}

TEST_CASE("delimited: escape pairs are decoded, and unknown pairs are refused") {
    const char* const slip = "delimited:c0,escape=dbdc:c0/dbdd:db";
    CHECK(decoded(slip, "a\xdb\xdc\xdb\xdd\xc0\xc0") == "<a\xc0\xdb><> end");
    CHECK(decoded(slip, "ab\xdb\x01\xc0") ==
          " malformed at 2: the escape byte db is followed by 01, which is not a valid escape");
    CHECK(decoded(slip, "\xdb\xc0") ==
          " malformed at 0: the escape byte db is followed by c0, which is not a valid escape");
    CHECK(encoded(slip, "\xc0\xdb\xc0x") == "\xdb\xdc\xdb\xdd\xdb\xdcx\xc0");
    CHECK(decoded("delimited:c0,escape=dbdc:c0/dbdd:db,max=2", "\xdb\xdc\xdb\xdd\xc0") == "<\xc0\xdb> end");
    CHECK(decoded("delimited:c0,escape=dbdc:c0/dbdd:db,max=2", "\xdb\xdc\xdb\xdd.\xc0") ==
          " message too large at 4: a message is over the limit of 2 bytes");
}

TEST_CASE("delimited: the encoder refuses a payload that the decoder would not return") {
    CHECK(encoded("delimited:\",\"", "ab") == "ab,");
    CHECK(encoded("delimited:\",\"/\";\"", "a;b") == "it contains an end mark, which would end the message at byte 2");
    CHECK(encoded("delimited:\"aa\"", "ba") ==
          "its last bytes and the end mark after them would form an end mark at another place");
    CHECK(encoded("delimited:\"\\n\"/\"\\r\\n\"", "a\r") == "a\r\r\n");
    CHECK(encoded("delimited:\"aa\"/\"\\n\"", "ba") == "ba\n");
    CHECK(encoded("delimited:\"\\r\\n\"/\"\\n\"", "a\r") == "a\r\r\n");
    CHECK(encoded("delimited:\"ab\",start=\"<\"", "x") == "<xab");
}

TEST_CASE("fixed and record: every message has one size") {
    CHECK(decoded("fixed:3", "abcdef") == "<abc><def> end");
    CHECK(decoded("fixed:3", "abcd") ==
          "<abc> closed inside a message at 4: the stream ended after 1 byte of a frame of 3 bytes");
    CHECK(decoded("record:!Hx", "abcdef") == "<abc><def> end");
    CHECK(decoded("fixed:2,check=xor8", "ab\3cd\7") == "<ab><cd> end");
    CHECK(encoded("fixed:3", "abc") == "abc");
    CHECK(encoded("fixed:3", "ab") == "it has 2 bytes, but every message has 3 bytes");
    CHECK(encoded("fixed:3", "abcd") == "a message of 4 bytes is over the limit of 3 bytes");
    CHECK(encoded("fixed:2,check=xor8", "ab") == "ab\3");
}

TEST_CASE("varint: only the shortest encoding of a length is accepted") {
    CHECK(decoded("varint", "\0\3abc"sv) == "<><abc> end");
    CHECK(decoded("varint,max=none", "\xac\x02" + std::string(300, 'x')) == "<" + std::string(300, 'x') + "> end");
    CHECK(decoded("varint", "\x85\0hello"sv) ==
          " malformed at 1: the length 8500 is longer than it needs to be, and overlong=allow is not set");
    CHECK(decoded("varint,overlong=allow", "\x85\0hello"sv) == "<hello> end");
    CHECK(decoded("varint,max=none", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02") ==
          " malformed at 9: the length ffffffffffffffffff02 has more than 64 bits");
    CHECK(decoded("varint,max=100", "GET / HTTP") ==
          " closed inside a message at 10: the stream ended after 10 bytes of a frame of 72 bytes "
          "(this looks like an HTTP request)");
    CHECK(decoded("varint,counts=field", "\4abc\0"sv) ==
          "<abc> malformed at 4: a length of 0 is less than the 1 byte that it counts besides the payload");
    CHECK(encoded("varint,counts=field", std::string(126, 'x')).substr(0, 2) == "\x7fx");
    CHECK(encoded("varint,counts=field", std::string(127, 'x')).substr(0, 3) == "\x81\x01x");
    CHECK(encoded("varint", std::string(128, 'x')).substr(0, 3) == "\x80\x01x");
    CHECK(encoded("varint,magic=ca,offset=2", "x") == "\xca\0\1x"sv);
    CHECK(decoded("varint,magic=cafe", "\xca\xff\1x") ==
          " malformed at 1: a frame begins with caff instead of the magic cafe");
}

TEST_CASE("netstring: digits, colon, message, comma") {
    CHECK(decoded("netstring", "5:hello,0:,1:,,") == "<hello><><,> end");
    CHECK(encoded("netstring", "hello") == "5:hello,");
    CHECK(encoded("netstring", "") == "0:,");
    CHECK(decoded("netstring", "5:hello;") ==
          " malformed at 7: a comma ends a netstring, but there is \";\": the length is wrong or the comma is missing");
    CHECK(decoded("netstring", "hello") ==
          " malformed at 0: a netstring begins with its length in digits, not with \"h\"");
    CHECK(decoded("netstring", ":") == " malformed at 0: a netstring begins with its length in digits, not with \":\"");
    CHECK(decoded("netstring", "05:hello,") == " malformed at 1: the length has a leading zero");
    CHECK(decoded("netstring", "5 :hello,") == " malformed at 1: a colon follows the length, not \" \"");
    CHECK(decoded("netstring", "1234567890123456789:") == " malformed at 18: the length has more than 18 digits");
    CHECK(decoded("netstring,max=3", "4:") ==
          " message too large at 0: a message of 4 bytes is over the limit of 3 bytes");
    CHECK(decoded("netstring,max=3,oversize=skip", "5:hello,1:a,") == "-5<a> end");
    CHECK(decoded("netstring,max=3,oversize=skip", "5:hello.1:a,") ==
          " malformed at 7: a comma ends a netstring, but there is \".\": the length is wrong or the comma is missing");
    CHECK(decoded("netstring,max=3,oversize=stream", "5:hello,1:a,") == "{hello{}<a> end");
}

TEST_CASE("chunks: a message is the result of one read, cut at max") {
    CHECK(decoded("chunks", "anything\nat all") == "<anything\nat all> end");
    CHECK(decoded("chunks,max=3", "abcdefgh") == "<abc><def><gh> end");
    CHECK(encoded("chunks", "abc") == "abc");
    CHECK(encoded("chunks", "") == "it is empty, and an empty chunk is nothing on the wire");
}

TEST_CASE("idle: a gap ends a message, and so does the end of the stream") {
    decoder decode(*framing::parse("idle:20ms,max=8"));
    decode.feed("abc");
    CHECK(decode.next().what == decoder::more);
    decode.feed("def");
    CHECK(decode.next().what == decoder::more);
    decode.gap();
    CHECK(decode.next().payload == "abcdef");
    CHECK(decode.next().what == decoder::more);
    decode.gap();  // a second gap, without bytes before it
    CHECK(decode.next().what == decoder::more);
    decode.feed("gh");
    CHECK(decode.next().what == decoder::more);
    decode.finish();
    CHECK(decode.next().payload == "gh");
    CHECK(decode.next().what == decoder::end);
    CHECK(decoded("idle:20ms,max=3", "abcd") == " message too large at 3: a message is over the limit of 3 bytes");
    CHECK(encoded("idle:20ms", "") == "it is empty, and a gap alone is not a message");
    decoder unmoved(framing::lines());
    unmoved.feed("abc");
    CHECK(unmoved.next().what == decoder::more);
    unmoved.gap();
    CHECK(unmoved.next().what == decoder::more);
}

TEST_CASE("well-known protocols are one line of text each") {
    // JT/T 808-2019, 4.4.2: the example for escapes, 30 7e 08 7d 55. The check byte 55 follows the payload.
    both_ways("delimited:7e,start=7e,escape=7d01:7d/7d02:7e,check=xor8", "7e307d02087d01556e7e",
              {bytes{0x30, 0x7e, 0x08, 0x7d, 0x55}});
    // MQTT 3.1.1: PUBLISH "hi" to "a", PINGREQ.
    both_ways("varint,offset=1,header=keep,max=268435455",
              "3005000161"
              "6869"
              "c000",
              {bytes{0x30, 0x05, 0x00, 0x01, 0x61, 0x68, 0x69}, bytes{0xc0, 0x00}});
    // protobuf, delimited: the message { 1: 150 }.
    both_ways("varint", "03089601", {bytes{0x08, 0x96, 0x01}});
    // DNS over TCP (RFC 1035, 4.2.2): a query for the name servers of the root.
    both_ways("len16,max=65535",
              "0011abcd01000001000000000000"
              "0000020001",
              {*parse_hex("abcd010000010000000000000000020001")});
    // Kafka: ApiVersions request v0, correlation 1, client "w".
    both_ways("len32",
              "0000000b"
              "0012"
              "0000"
              "00000001"
              "0001"
              "77",
              {*parse_hex("001200000000000100"
                          "0177")});
    // PostgreSQL v3: Query "SELECT 1", Terminate.
    both_ways("len32,offset=1,counts=field,header=keep", "510000000d53454c4543542031005800000004",
              {*parse_hex("510000000d53454c454354203100"), *parse_hex("5800000004")});
    // Redis inline commands.
    both_ways("lines:crlf", "50494e470d0a", {bytes("PING")});
    // HL7 MLLP.
    both_ways("delimited:1c0d,start=0b", "0b4d53487c5e7e5c261c0d", {bytes("MSH|^~\\&")});
    // NMEA 0183: the checksum of a sentence is text, and part of the message.
    both_ways("delimited:\"\\r\\n\",start=\"$\"", "244750474c4c2c2a33330d0a", {bytes("GPGLL,*33")});
    // Modbus RTU: read holding registers, unit 1, address 0, ten of them (crc c5cd on the wire).
    both_ways("idle:1750us,check=crc16-modbus", "01030000000ac5cd", {bytes{0x01, 0x03, 0x00, 0x00, 0x00, 0x0a}});
    // SLIP (RFC 1055).
    both_ways("delimited:c0,start=c0,escape=dbdc:c0/dbdd:db,empty=skip", "c001dbdcdbdd02c0",
              {bytes{0x01, 0xc0, 0xdb, 0x02}});
}

TEST_CASE("empty=skip drops empty messages: fill marks, shared marks, keep-alives") {
    // npm's slip, and RFC 1055's advice: END on both sides of each packet.
    CHECK(decoded("delimited:c0,start=c0,escape=dbdc:c0/dbdd:db,empty=skip", "\xc0\x01\xdb\xdc\xc0\xc0\x02\xc0"sv) ==
          "<\x01\xc0><\x02> end");
    CHECK(encoded("delimited:c0,start=c0,escape=dbdc:c0/dbdd:db,empty=skip", "\x01\xc0") == "\xc0\x01\xdb\xdc\xc0");
    // RFC 1662, 3.1: one flag between frames, or several; the encoder sends two.
    CHECK(decoded("delimited:7e,start=7e,empty=skip", "~a~b~~~c~~") == "<a><b><c> end");
    CHECK(decoded("delimited:7e,start=7e,empty=skip", "a~") == "<a> end");
    CHECK(decoded("delimited:7e,start=7e,empty=skip", "~a~b") ==
          "<a> closed inside a message at 4: the stream ended after 1 byte of a message whose end had not arrived");
    // BitTorrent's keep-alive (BEP 3).
    CHECK(decoded("len32,empty=skip", "\0\0\0\0\0\0\0\1A\0\0\0\0"sv) == "<A> end");
    CHECK(decoded("lines,empty=skip", "a\n\n\r\n\nb\n\n") == "<a><b> end");
    CHECK(decoded("netstring,empty=skip", "0:,1:a,0:,") == "<a> end");
    CHECK(decoded("lines,empty=skip,max=3,oversize=skip", "\nabcd\n\nab\n") == "-4<ab> end");
    CHECK(decoded("len8,empty=skip,check=sum8", "\1\0\2AA"sv) == "<A> end");
    CHECK(decoded("len8,empty=skip,check=sum8", "\0\2AA\0"sv) == "<A> end");
    CHECK(decoded("len8,check=sum8", "\0\2AA"sv).starts_with(" malformed at 0: a message of 0 bytes is shorter"));
    CHECK(decoded("delimited:7e,start=7e,check=xor8,empty=skip", "~~AA~~~AA~") == "<A><A> end");
    CHECK(decoded("len8,empty=skip,check=sum8", "\1\1\2AA"sv).starts_with(" malformed at 1: the checksum"));
    CHECK(encoded("lines,empty=skip", "") == "it is empty, and the receiver would drop it (empty=skip)");
    // A million of them in one input are dropped in one call.
    CHECK(decoded("lines,empty=skip", std::string(1'000'000, '\n') + "a\n") == "<a> end");
}
