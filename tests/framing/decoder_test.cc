// The decoder on literal bytes: the messages, the errors, and their offsets and texts.
#include "weir/framing/decoder.h"
#include "weir/framing/decoder_memory.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "said.h"
#include "weir/base/text.h"

using namespace weir;
using namespace std::string_view_literals;
using weir_test::decoded;

TEST_CASE("lines: LF ends a message, with or without CR") {
    CHECK(decoded("lines", "a\nbb\r\n\n\r\na\rb\n") == "<a><bb><><><a\rb> end");
    CHECK(decoded("lines:crlf", "a\r\nb\rc\r\n\r\n") == "<a><b\rc><> end");
    CHECK(decoded("lines", "\0\xff\n"sv) == "<\0\xff> end"sv);
    CHECK(decoded("lines", "") == " end");
    CHECK(decoded("lines", "a\nbc", false) == "<a> more, held 2");
}

TEST_CASE("lines: bytes that cannot be a line are malformed, and the error is at the wrong byte") {
    CHECK(
        decoded("lines", "ok\nab\r\r\nc\n") ==
        "<ok> malformed at 5: a line's text ends in CR, which cannot be distinguished from the CR of a CR LF line end");
    CHECK(decoded("lines:crlf", "ok\r\nab\n") ==
          "<ok> malformed at 6: a line ends in LF without CR before it, and lines:crlf requires CR LF");
    CHECK(decoded("lines", "ab") ==
          " closed inside a message at 2: the stream ended after 2 bytes of a message whose end had not arrived");
    CHECK(decoded("lines", "\r") ==
          " closed inside a message at 1: the stream ended after 1 byte of a message whose end had not arrived");
    CHECK(decoded("lines,empty=reject", "a\n\n") ==
          "<a> malformed at 2: an empty message, and empty=reject refuses it");
    CHECK(decoded("lines,end=deliver", "a\nbc") == "<a><bc> end");
    CHECK(decoded("lines,end=deliver", "a\n") == "<a> end");
    CHECK(decoded("lines:crlf,end=deliver", "a\r\nb") == "<a><b> end");
    CHECK(decoded("lines,end=deliver", "a\r") ==
          " malformed at 1: a line's text ends in CR, which cannot be distinguished from the CR of a CR LF line end");
}

TEST_CASE("lines: a message may have max bytes and no more; the CR of the line end does not count") {
    CHECK(decoded("lines,max=3", "abc\nabc\r\n") == "<abc><abc> end");
    CHECK(decoded("lines,max=3", "abcd\n") == " message too large at 3: a message is over the limit of 3 bytes");
    CHECK(decoded("lines,max=3", "abcd", false) == " message too large at 3: a message is over the limit of 3 bytes");
    CHECK(decoded("lines,max=3", "abc\rd") == " message too large at 3: a message is over the limit of 3 bytes");
    CHECK(decoded("lines,max=3", "abc\r", false) == " more, held 4");
    CHECK(decoded("lines,max=0", "\n\r\n") == "<><> end");
    CHECK(decoded("lines,max=3,oversize=skip", "abc\nabcde\nf\n") == "<abc>-5<f> end");
    CHECK(decoded("lines,max=3,oversize=skip", "abcde") ==
          " closed inside a message at 5: the stream ended after 5 bytes of a message whose end had not arrived");
    CHECK(decoded("lines,max=3,oversize=skip,end=deliver", "abcde") == "-5 end");
    CHECK(decoded("lines,max=3,oversize=stream", "abc\nabcde\r\nf\n") == "<abc>{abcde}<f> end");
    CHECK(decoded("lines,max=3,oversize=stream,end=deliver", "abcdef") == "{abcdef{} end");
}

TEST_CASE("length prefixes of every width and order") {
    CHECK(decoded("len8", "\3abc\0\1z"sv) == "<abc><><z> end");
    CHECK(decoded("len16", "\0\3abc"sv) == "<abc> end");
    CHECK(decoded("len16le", "\3\0abc"sv) == "<abc> end");
    CHECK(decoded("len24", "\0\0\3abc"sv) == "<abc> end");
    CHECK(decoded("len24le", "\3\0\0abc"sv) == "<abc> end");
    CHECK(decoded("len32", "\0\0\0\3abc"sv) == "<abc> end");
    CHECK(decoded("len32le", "\3\0\0\0abc"sv) == "<abc> end");
    CHECK(decoded("len64", "\0\0\0\0\0\0\0\3abc"sv) == "<abc> end");
    CHECK(decoded("len64le", "\3\0\0\0\0\0\0\0abc"sv) == "<abc> end");
    // These streams are long enough for the fast path.
    CHECK(decoded("len24le", "\3\0\0abc\3\0\0def\3\0\0ghi"sv) == "<abc><def><ghi> end");
    CHECK(decoded("len16", "\0\3abc\0\3def\0\3ghi"sv) == "<abc><def><ghi> end");
    CHECK(decoded("len16", "\1\2" + std::string(258, 'x')) == "<" + std::string(258, 'x') + "> end");
    CHECK(decoded("len24", std::string("\0\1\2"sv) + std::string(258, 'x')) == "<" + std::string(258, 'x') + "> end");
}

TEST_CASE("length: what the length counts, and what is before it in the header") {
    CHECK(decoded("len8,counts=field", "\4abc"sv) == "<abc> end");
    CHECK(decoded("len8,offset=2,counts=whole", "xy\6abc"sv) == "<abc> end");
    CHECK(decoded("len8,offset=2,counts=whole,header=keep", "xy\6abc"sv) == "<xy\6abc> end");
    CHECK(decoded("len8,magic=cafe", "\xca\xfe\3abc"sv) == "<abc> end");
    CHECK(decoded("len8,magic=cafe,header=keep", "\xca\xfe\3abc"sv) == "<\xca\xfe\3abc> end");
    CHECK(decoded("len8,counts=payload,check=xor8", "\3abc\x60"sv) == "<abc> end");
    CHECK(decoded("len8,check=xor8", "\4abc\x60"sv) == "<abc> end");
    CHECK(decoded("len8,check=xor8,cover=frame", "\4abc\x64"sv) == "<abc> end");
    CHECK(decoded("len32,offset=1,counts=field,header=keep", "Q\0\0\0\7abcS\0\0\0\4"sv) ==
          "<Q\0\0\0\7abc><S\0\0\0\4> end"sv);
}

TEST_CASE("length: an error has the place of the wrong bytes, and a remark") {
    CHECK(decoded("len32", "GET / HTTP/1.1\r\n") ==
          " message too large at 0: a message of 1195725856 bytes is over the limit of 1 MiB (this looks like an HTTP "
          "request)");
    CHECK(decoded("len32", "\x16\x03\x01\x02\x00"sv) ==
          " message too large at 0: a message of 369295618 bytes is over the limit of 1 MiB (this looks like a TLS "
          "handshake)");
    CHECK(decoded("len32", "hello\r\n") ==
          " message too large at 0: a message of 1751477356 bytes is over the limit of 1 MiB (its bytes are the text "
          "\"hell\")");
    CHECK(decoded("len32", "\x0c\0\0\0"sv) ==
          " message too large at 0: a message of 192 MiB is over the limit of 1 MiB (it would be 12 in little-endian)");
    CHECK(decoded("len32le", "\0\0\0\x0c"sv) ==
          " message too large at 0: a message of 192 MiB is over the limit of 1 MiB (it would be 12 in big-endian)");
    CHECK(decoded("len32", "\x80\0\0\0"sv) ==
          " message too large at 0: a message of 2 GiB is over the limit of 1 MiB (it would be 128 in little-endian)");
    CHECK(decoded("len8,max=3", "\1a\4abcd") ==
          "<a> message too large at 2: a message of 4 bytes is over the limit of 3 bytes");
    CHECK(decoded("len8,offset=2,header=keep,max=5", "xy\3abc") ==
          " message too large at 2: a message of 6 bytes is over the limit of 5 bytes");
    CHECK(decoded("len8,counts=field", "\0"sv) ==
          " malformed at 0: a length of 0 is less than the 1 byte that it counts besides the payload");
    CHECK(decoded("len16,offset=2,counts=whole", "ab\0\3"sv) ==
          " malformed at 2: a length of 3 is less than the 4 bytes that it counts besides the payload "
          "(it would be 768 in little-endian)");
    CHECK(decoded("len16,offset=2,counts=whole", "ab\0\3........"sv) ==
          " malformed at 2: a length of 3 is less than the 4 bytes that it counts besides the payload "
          "(it would be 768 in little-endian)");
    CHECK(decoded("len8,check=crc32", "\3abc"sv) ==
          " malformed at 0: a message of 3 bytes is shorter than its checksum of 4 bytes");
    CHECK(decoded("len8,magic=cafe", "\xca\xff\3abc"sv) ==
          " malformed at 1: a frame begins with caff instead of the magic cafe");
    CHECK(decoded("len8,magic=cafe", "\xca\xff") ==
          " malformed at 1: a frame begins with caff instead of the magic cafe");
    CHECK(decoded("len8,magic=cafe", "\xca\xff________________") ==
          " malformed at 1: a frame begins with caff instead of the magic cafe");
    CHECK(decoded("len16,magic=cafebabe", "POST /") ==
          " malformed at 0: a frame begins with 504f5354 instead of the magic cafebabe (this looks like an HTTP "
          "request)");
    CHECK(decoded("len8,empty=reject", "\1a\0"sv) ==
          "<a> malformed at 2: an empty message, and empty=reject refuses it");
    CHECK(decoded("len8,check=xor8", "\4abc\x61"sv) ==
          " malformed at 4: the checksum on the wire is 61, but the message gives 60");
    CHECK(decoded("len8,check=crc16-modbus",
                  "\x0b"
                  "123456789\x37\x4c") ==
          " malformed at 10: the checksum on the wire is 374c, but the message gives 374b");
}

TEST_CASE("length: a partial frame is held, and is an error at the end of the stream") {
    CHECK(decoded("len32", "\0\0"sv, false) == " more, held 2");
    CHECK(decoded("len32", "\0\0"sv) ==
          " closed inside a message at 2: the stream ended after 2 bytes of a message whose end had not arrived");
    CHECK(decoded("len32", "\0\0\0\5ab"sv) ==
          " closed inside a message at 6: the stream ended after 6 bytes of a frame of 9 bytes");
    CHECK(decoded("len16", "GE") ==
          " closed inside a message at 2: the stream ended after 2 bytes of a frame of 18247 bytes (its bytes are the "
          "text \"GE\")");
}

TEST_CASE("length: a message that is too large is skipped, or returned in pieces, to its end") {
    CHECK(decoded("len8,max=3,oversize=skip", "\1a\5abcde\1f") == "<a>-5<f> end");
    CHECK(decoded("len8,max=3,oversize=stream", "\1a\5abcde\1f") == "<a>{abcde}<f> end");
    CHECK(decoded("len8,max=3,oversize=skip", "\5abcd") ==
          " closed inside a message at 5: the stream ended after 5 bytes of a message whose end had not arrived");
    CHECK(decoded("len8,max=3,oversize=stream", "\5abcd") ==
          "{abcd closed inside a message at 5: the stream ended after 5 bytes of a message whose end had not arrived");
    CHECK(decoded("len8,max=3,oversize=stream,check=xor8", "\6abcde\x61\1\0"sv) == "{abcde{}<> end");
    CHECK(decoded("len8,max=3,oversize=stream,check=xor8", "\6abcde\x62"sv) ==
          "{abcde malformed at 6: the checksum on the wire is 62, but the message gives 61");
    CHECK(decoded("len8,offset=1,header=keep,max=3,oversize=stream", "x\3abcx\1y") == "{x\3abc}<x\1y> end");
    CHECK(decoded("len8,offset=1,header=keep,max=3,oversize=stream,check=xor8", "x\4abc\x60") == "{x\4abc{} end");
    CHECK(decoded("len8,offset=1,header=keep,max=3,oversize=stream,check=xor8,cover=frame", "x\4abc\x1c") ==
          "{x\4abc{} end");
}

TEST_CASE("a message that is whole in the input is returned as a view of the input") {
    decoder decode(framing::len8());
    const bytes input("\3abc\2de\4f");
    decode.feed(input);
    CHECK(decode.next().payload.data() == input.data() + 1);
    CHECK(decode.next().payload.data() == input.data() + 5);
    CHECK(decode.next().what == decoder::more);
    CHECK(decoder_memory::held(decode) == 2);
    CHECK(decode.offset() == 7);
    const bytes rest("ghi\1j");
    decode.feed(rest);
    CHECK(decode.next().payload == "fghi");
    CHECK(decoder_memory::held(decode) == 0);
    CHECK(decode.next().payload.data() == rest.data() + 4);
    CHECK(decode.next().what == decoder::more);
    CHECK(decode.offset() == 14);
}

TEST_CASE("the framing can change between messages, and bytes that were already fed are kept") {
    for (const bool partial : {false, true}) {
        decoder decode(framing::lines());
        const bytes input("UPGRADE\n\3abc\2de");
        decode.feed(input);
        CHECK(decode.next().payload == "UPGRADE");
        if (partial) {
            CHECK(decode.next().what == decoder::more);
            CHECK(decoder_memory::held(decode) == 7);
        }
        decode.switch_to(framing::len8());
        CHECK(decode.next().payload == "abc");
        CHECK(decode.next().payload == "de");
        CHECK(decode.next().what == decoder::more);
        decode.feed("\1f");
        CHECK(decode.next().payload == "f");
        decode.switch_to(framing::lines());
        CHECK(decode.next().what == decoder::more);
        decode.feed("g\n");
        CHECK(decode.next().payload == "g");
        CHECK(decode.next().what == decoder::more);
        CHECK(decode.offset() == 19);
    }
}

TEST_CASE("a failed decoder stays failed and ignores input, and one at the end of its stream stays there") {
    decoder decode(framing::len8().max(1));
    decode.feed("\2ab");
    CHECK(decode.next().what == decoder::failed);
    decode.feed("\1a");
    CHECK(decode.next().what == decoder::failed);
    CHECK(decode.failed_at() == 0);
    decoder done(framing::lines());
    done.finish();
    CHECK(done.next().what == decoder::end);
    CHECK(done.next().what == decoder::end);
}

TEST_CASE("trim() frees memory if there is no partial message, and copies are equal") {
    decoder decode(framing::lines());
    decode.feed("abc");
    CHECK(decode.next().what == decoder::more);
    decoder_memory::trim(decode);
    CHECK(decoder_memory::held(decode) == 3);
    decoder copy = decode;
    CHECK(copy == decode);
    copy.feed("d\n");
    CHECK(copy.next().payload == "abcd");
    CHECK(copy.next().what == decoder::more);
    CHECK_FALSE(copy == decode);
    decoder_memory::trim(copy);
    CHECK(decoder_memory::held(copy) == 0);
    decode.feed("\n");
    CHECK(decode.next().payload == "abc");
    copy = decoder(framing::lines());
    copy.feed("x\n");
    CHECK(copy.next().payload == "x");
}

TEST_CASE("after reset() a decoder is equal to a new one, whatever it has decoded") {
    const decoder fresh(framing::lines().max(4).oversize(framing::stream));
    for (const char* const seen : {"", "whole\n", "to", "toolong", "a\r\r\n"}) {
        CAPTURE(std::string(seen));
        decoder decode = fresh;
        decode.feed(std::string_view(seen));
        for (auto step = decode.next(); step.what != decoder::more && step.what != decoder::failed;
             step = decode.next()) {
        }
        decode.reset();
        CHECK(decode == fresh);
        CHECK(decode.offset() == 0);
        CHECK(decoder_memory::allocated(decode) == 0);
        CHECK(decode.looked() == 0);
        CHECK(decode.at_boundary());
        decode.feed("abcd\n");
        CHECK(decode.next().payload == "abcd");
        decode.finish();
        CHECK(decode.next().what == decoder::end);
        decode.reset();
        CHECK(decode.next().what == decoder::more);
    }
}

TEST_CASE("trim() keeps at most the given number of bytes, and a partial message uses at most four times its size") {
    decoder decode(framing::len32());
    const bytes large(100'000);
    buffer stream;
    REQUIRE(encoder(framing::len32()).encode(large, stream));
    REQUIRE(encoder(framing::len32()).encode("hello", stream));
    decode.feed(stream.view().first(7));
    CHECK(decode.next().what == decoder::more);
    decode.feed(stream.view().part(7, large.size()));
    CHECK(decode.next().payload == large.view());
    CHECK(decode.next().what == decoder::more);
    CHECK(decoder_memory::held(decode) == 3);
    CHECK(decoder_memory::allocated(decode) > large.size());
    decoder_memory::trim(decode, 1 << 20);
    CHECK(decoder_memory::allocated(decode) > large.size());
    decoder_memory::trim(decode, 64);
    CHECK(decoder_memory::allocated(decode) <= 64);
    CHECK_FALSE(decode.at_boundary());
    decode.feed(stream.view().from(7 + large.size()));
    CHECK(decode.next().payload == "hello");
    CHECK(decode.next().what == decoder::more);
    CHECK(decode.at_boundary());
    decoder_memory::trim(decode);
    CHECK(decoder_memory::allocated(decode) == 0);
}
