// Framings with a length, with all of its options, on literal bytes: published examples, real protocols, refusals.
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
using weir_test::refusal;

// https://netty.io/4.1/api/io/netty/handler/codec/LengthFieldBasedFrameDecoder.html. The message is the text
// "HELLO, WORLD"; each stream has it twice.
TEST_CASE("the examples of Netty's LengthFieldBasedFrameDecoder") {
    const std::string text = to_hex("HELLO, WORLD");
    const auto check = [&](const char* described, const std::string& header, const std::string& kept) {
        both_ways(described, (header + text + header + text).c_str(),
                  {*parse_hex(kept + text), *parse_hex(kept + text)});
    };
    check("len16,header=keep", "000c", "000c");                       // 2 bytes length field at offset 0
    check("len16", "000c", "");                                       // the same, header stripped
    check("len16,counts=whole,header=keep", "000e", "000e");          // the length of the whole message
    check("len24,offset=2,header=keep", "cafe00000c", "cafe00000c");  // 3 bytes length at the end of 5 bytes header
    check("len24,after=2,header=keep", "00000ccafe", "00000ccafe");   // at the beginning of 5 bytes header
    check("len16,magic=ca,after=1,header=after", "ca000cfe", "fe");   // in the middle, first field stripped
    check("len16,magic=ca,after=1,counts=whole,header=after", "ca0010fe", "fe");  // the same, of the whole message
}

// https://docs.rs/tokio-util/latest/tokio_util/codec/length_delimited. The message is "hello world!".
TEST_CASE("the examples of tokio-util's length_delimited") {
    const std::string text = to_hex("Hello world");
    const auto check = [&](const char* described, const std::string& header, const std::string& kept) {
        both_ways(described, (header + text).c_str(), {*parse_hex(kept + text)});
    };
    check("len16,header=keep", "000b", "000b");                                   // Example 1: num_skip(0)
    check("len16", "000b", "");                                                   // Example 2
    check("len16,counts=whole,header=keep", "000d", "000d");                      // Example 3: length_adjustment(-2)
    check("len24,offset=2,header=keep", "cafe00000b", "cafe00000b");              // Example 4
    check("len24,after=2,header=keep", "00000bcafe", "00000bcafe");               // Example 5: length_adjustment(2)
    check("len16,magic=ca,after=1,header=after", "ca000bfe", "fe");               // Example 6: num_skip(3)
    check("len16,magic=ca,after=1,counts=whole,header=after", "ca000ffe", "fe");  // Example 7: length_adjustment(-3)
    check("len24,counts=whole,after=1,header=keep", "00000fca", "00000fca");      // Example 8: length_adjustment(-4)
}

TEST_CASE("after= has header fields behind the length") {
    // RFC 9113, 4.1 and 6.5, 6.9: an empty SETTINGS frame, and WINDOW_UPDATE.
    both_ways("len24,after=6,header=keep", "00000004000000000000000408000000000000000001",
              {*parse_hex("000000040000000000"), *parse_hex("00000408000000000000000001")});
    both_ways("len24,after=6,header=after", "00000004000000000000000408000000000000000001",
              {*parse_hex("040000000000"), *parse_hex("08000000000000000001")});
    CHECK(decoded("len16,after=2", "\0\1xxA\0\0yy\0\1zzB"sv) == "<A><><B> end");
    CHECK(to_hex(encoded(*framing::parse("len16,after=2"), "A")) == "0001000041");
    // More bytes after the length than a word has.
    CHECK(to_hex(encoded(*framing::parse("len8,after=20"), "A")) == "01" + std::string(40, '0') + "41");
    CHECK(to_hex(encoded(*framing::parse("len8,magic=aa,after=20"), "A")) == "aa01" + std::string(40, '0') + "41");
    CHECK(decoded("len8,after=3,max=4", "\1abcA\2abc"sv, false) == "<A> more, held 4");
    CHECK(encoded(*framing::parse("len8,after=3,header=after"), "ab") ==
          "it has 2 bytes, fewer than the 3 bytes of the header that header=after expects in the message");
    CHECK(encoded(*framing::parse("len8,after=3,header=after,empty=reject"), "abc") ==
          "it is empty after its header, and empty=reject refuses that");
    CHECK(decoded("len8,after=3,header=after,empty=reject", "\0abc"sv) ==
          " malformed at 0: an empty message, and empty=reject refuses it");
    CHECK(decoded("len8,after=3,header=after,max=4", "\2abcde"sv) ==
          " message too large at 0: a message of 5 bytes is over the limit of 4 bytes");
    CHECK(decoded("len8,after=3,header=after,max=4,oversize=stream", "\2abcde\1fghi"sv) == "{abcde}<fghi> end");
    CHECK(decoded("len8,after=3,header=after,max=4,oversize=skip", "\2abcde\1fghi"sv) == "-5<fghi> end");
    // A size over the limit is an error before the rest of the header arrives.
    CHECK(decoded("len32,after=6,max=4", "\xff\xff\xff\xff"sv, false).starts_with(" message too large at 0: "));
    CHECK(decoded("len32,after=6,max=4,oversize=skip", "\xff\xff\xff\xff"sv, false) == " more, held 4");
    CHECK(refusal("len8,header=after") ==
          "header=after keeps the bytes of the header after the length: set after= too");
    CHECK(refusal("len8,after=4097") == "after is more than 4 KiB");
}

TEST_CASE("a checksum covers the same bytes whatever part of the header the message has") {
    for (const std::string cover : {"", ",cover=frame", ",cover=1"}) {
        CAPTURE(cover);
        const std::string bare = "len8,offset=1,after=2,check=sum8" + cover;
        const std::string frame = encoded(*framing::parse(bare), "hi");
        REQUIRE(frame.size() == 7);
        const std::string header = frame.substr(0, 4);
        const std::string behind = frame.substr(2, 2);
        const auto keep = *framing::parse(bare + ",header=keep");
        const auto after = *framing::parse(bare + ",header=after");
        CHECK(encoded(keep, header + "hi") == frame);
        CHECK(encoded(after, behind + "hi") == frame);
        CHECK(decoded(keep, frame) == "<" + header + "hi> end");
        CHECK(decoded(after, frame) == "<" + behind + "hi> end");
        // So has a message over the limit.
        CHECK(decoded(*framing::parse(bare + ",header=keep,max=5,oversize=stream"), frame) ==
              "{" + header + "hi{} end");
        CHECK(decoded(*framing::parse(bare + ",header=after,max=3,oversize=stream"), frame) ==
              "{" + behind + "hi{} end");
        CHECK(decoded(*framing::parse(bare + ",max=1,oversize=stream"), frame) == "{hi{} end");
    }
}

TEST_CASE("trailer= ends each frame") {
    // AMQP 0-9-1, 2.3.5: a heartbeat frame. https://www.rabbitmq.com/resources/specs/amqp0-9-1.pdf
    both_ways("len32,offset=3,trailer=ce,header=keep", "08000000000000ce08000000000000ce",
              {*parse_hex("08000000000000"), *parse_hex("08000000000000")});
    // GT06: a login. The sum is CRC-ITU (X.25), over the frame from the length on.
    both_ways("len8,magic=7878,check=crc16-x25,order=big,cover=2,trailer=0d0a", "78780d01012345678901234500018cdd0d0a",
              {*parse_hex("0101234567890123450001")});
    CHECK(decoded("len8,trailer=0d0a", "\1A\r\n\0\r\n"sv) == "<A><> end");
    CHECK(decoded("len8,trailer=0d0a", "\1A\r\n\1B\rC"sv) ==
          "<A> malformed at 7: a frame ends with 0d0a, but there is 0d43: the length is wrong, or bytes are missing");
    CHECK(decoded("len8,trailer=0d0a", "\1A\r"sv) ==
          " closed inside a message at 3: the stream ended after 3 bytes of a frame of 4 bytes");
    CHECK(decoded("len8,trailer=ce,max=1,oversize=skip", "\2AB\xce\1C\xce"sv) == "-2<C> end");
    CHECK(decoded("len8,trailer=ce,max=1,oversize=skip", "\2AB\xcf\1C\xce"sv) ==
          " malformed at 3: a frame ends with ce, but there is cf: the length is wrong, or bytes are missing");
    CHECK(decoded("len8,counts=whole,trailer=ce", "\3A\xce"sv) == "<A> end");
    CHECK(encoded(*framing::parse("varint,trailer=2c"), "A") == "\1A,");
}

TEST_CASE("mask=, flags= and times= read a length with flags or units") {
    // RFC 5531, 11: the highest bit says that the fragment is the last one of its record.
    both_ways("len32,mask=7fffffff,flags=80000000", "8000000468656c6c80000000", {bytes("hell"), bytes()});
    CHECK(decoded("len32,mask=7fffffff,flags=80000000", "\0\0\0\1A"sv) ==
          " malformed at 0: the bits of a length outside its mask are 00000000 instead of 80000000: this is another "
          "kind of frame, such as a fragment that the next frame continues");
    CHECK(decoded("len16le,mask=0fff",
                  "\1\x10"
                  "A"sv)
              .find("outside its mask are 1000 instead of 0000") != std::string::npos);
    // X11: the length of a request counts units of 4 bytes, with the header: here NoOperation and GetInputFocus.
    both_ways("len16le,offset=2,counts=whole,times=4,header=keep",
              "7f000100"
              "2b000100",
              {*parse_hex("7f000100"), *parse_hex("2b000100")});
    CHECK(encoded(*framing::parse("len8,times=4"), "abcdefgh") == "\2abcdefgh");
    CHECK(encoded(*framing::parse("len8,times=4"), "abc") ==
          "its length counts units of 4 bytes, and would have to count 3 bytes");
    CHECK(encoded(*framing::parse("len8,times=4,counts=whole"), "abc") == "\1abc");
    CHECK(framing::parse("len8,times=4,max=none")->limit() == 1020);
    CHECK(framing::parse("len8,mask=3f,max=none")->limit() == 63);
    CHECK(refusal("len16,mask=0ff0") == "mask has the lowest bits of the length set, like 7fffffff, and no others");
    CHECK(refusal("len8,mask=ffff") == "mask has the lowest bits of the length set, like 7fffffff, and no others");
    CHECK(refusal("len8,flags=80") ==
          "flags are bits of the length outside its mask: set mask= too, like mask=7fffffff,flags=80000000");
    CHECK(refusal("len8,times=0") == "times is 1 to 65536 bytes");
    CHECK(refusal("len8,mask=zz") == "mask: \"zz\" is not 1 to 8 pairs of hex digits, like 7fffffff");
    CHECK(refusal("len16,mask=0001,counts=field") ==
          "a length of 2 bytes cannot count its own 2 bytes: it announces at most 1 byte");
    CHECK(refusal("len16,mask=0003,check=crc32") ==
          "a length of 2 bytes cannot count a checksum of 4 bytes: it announces at most 3 bytes");
    CHECK(refusal("varint,mask=7f") == "\"mask\" does not apply to varint");
}

TEST_CASE("short=empty reads a length less than it counts as an empty message") {
    // gitprotocol-common(5): a pkt-line, and a flush-pkt.
    both_ways("hex4,counts=whole,short=empty,header=keep",
              "3030303661"
              "0a30303030",
              {bytes("0006a\n"), bytes("0000")});
    CHECK(decoded("hex4,counts=whole,short=empty", "0006a\n0000") == "<a\n><> end");
    CHECK(decoded("hex4,counts=whole", "0006a\n0000") ==
          "<a\n> malformed at 6: a length of 0 is less than the 4 bytes that it counts besides the payload");
    CHECK(encoded(*framing::parse("hex4,counts=whole,short=empty"), "") == "0004");
    CHECK(refusal("len8,short=empty") ==
          "short=empty is for a length that counts more than the payload: set counts= too");
}

TEST_CASE("decN and hexN: a length of digits") {
    both_ways("dec5", "303030303568656c6c6f3030303030", {bytes("hello"), bytes()});
    both_ways("hex4,counts=whole",
              "30303039"
              "68656c6c6f"
              "30303034",
              {bytes("hello"), bytes()});
    CHECK(decoded("hex2", "0Aaaaaaaaaaa0abbbbbbbbbb") == "<aaaaaaaaaa><bbbbbbbbbb> end");
    CHECK(decoded("dec3", "00x") == " malformed at 2: a length has 3 decimal digits, but byte 2 of it is \"x\"");
    CHECK(decoded("dec3", "0a") == " malformed at 1: a length has 3 decimal digits, but byte 1 of it is \"a\"");
    CHECK(decoded("hex1", "g") == " malformed at 0: a length has 1 hexadecimal digit, but byte 0 of it is \"g\"");
    CHECK(framing::parse("dec5,max=none")->limit() == 99'999);
    CHECK(framing::parse("hex4,max=none")->limit() == 65'535);
    CHECK(encoded(*framing::parse("dec1"), "0123456789") == "a message of 10 bytes is over the limit of 9 bytes");
    CHECK(framing::decimal(5) == *framing::parse("dec5"));
    CHECK(framing::hex(4).counts(framing::whole).allow_short() == *framing::parse("hex4,counts=whole,short=empty"));
    CHECK(refusal("dec19") == "a decimal length has 1 to 18 digits");
    CHECK(refusal("hex17") == "a hexadecimal length has 1 to 16 digits");
    CHECK(refusal("hex0") == "a hexadecimal length has 1 to 16 digits");
    CHECK(refusal("hex") == "hex needs the number of its digits, like hex4");
    CHECK(refusal("dec300") == "a decimal length has 1 to 18 digits");
    CHECK(refusal("hexx4") == "no framing is called \"hexx4\"; did you mean hexN?");
}

TEST_CASE("digits: a decimal length and what ends it") {
    // RFC 6587, 3.4.1: octet counting.
    both_ways("digits:\" \"",
              "3520"
              "68656c6c6f"
              "3020"
              "3130"
              "20"
              "30313233343536373839",
              {bytes("hello"), bytes(), bytes("0123456789")});
    both_ways("digits:\"\\r\\n\",magic=24,trailer=0d0a", "24350d0a68656c6c6f0d0a", {bytes("hello")});  // RESP's bulk
    CHECK(decoded("digits:\" \"", "x") == " malformed at 0: a length begins with a decimal digit, not with \"x\"");
    CHECK(decoded("digits:\" \"", "5x") ==
          " malformed at 1: the digits of a length are followed by \" \", not by \"x\"");
    CHECK(decoded("digits:\"\\r\\n\"", "5\rx") ==
          " malformed at 2: the digits of a length are followed by \"\\r\\n\", not by \"x\"");
    CHECK(decoded("digits:\" \"", "1234567890123456789 ") == " malformed at 18: the length has more than 18 digits");
    CHECK(decoded("digits:\" \"", "05 hello") ==
          " malformed at 2: the length 303520 is longer than it needs to be, and overlong=allow is not set");
    CHECK(decoded("digits:\" \",overlong=allow", "05 hello") == "<hello> end");
    CHECK(decoded("digits:\" \",counts=field", "7 hello") == "<hello> end");
    CHECK(encoded(*framing::parse("digits:\" \",counts=field"), "01234567") == "11 01234567");
    CHECK(framing::digits(" ") == *framing::parse("digits:20"));
    CHECK(refusal("digits") == "digits needs an argument, like digits:\" \"");
    CHECK(refusal("digits:31") == "the bytes after the digits begin with a digit");
}

TEST_CASE("ber: a length of ASN.1") {
    // RFC 4511, 4.2: an anonymous bind request, and its response.
    both_ways("ber,magic=30,header=keep",
              "300c020101600702010304008000"
              "300c02010161070a010004000400",
              {*parse_hex("300c020101600702010304008000"), *parse_hex("300c02010161070a010004000400")});
    const std::string large(300, 'a');
    CHECK(encoded(framing::ber(), large) == "\x82\x01\x2c" + large);
    CHECK(decoded(framing::ber(), "\x82\x01\x2c" + large) == "<" + large + "> end");
    CHECK(encoded(framing::ber(), std::string(127, 'a')).substr(0, 1) == "\x7f");
    CHECK(encoded(framing::ber(), std::string(128, 'a')).substr(0, 2) == "\x81\x80");
    CHECK(decoded("ber",
                  "\x81\x01"
                  "A"sv) ==
          " malformed at 1: the length 8101 is longer than it needs to be, and overlong=allow is not set");
    CHECK(decoded("ber,overlong=allow", "\x84\0\0\0\1A"sv) == "<A> end");
    CHECK(decoded("ber", "\x80"sv) == " malformed at 0: a length of the indefinite form (80), which announces no size");
    CHECK(decoded("ber", "\x89"sv) == " malformed at 0: the length 89 has more than 8 bytes after the first");
    CHECK(decoded("ber", "\x88\xff\xff\xff\xff\xff\xff\xff\xff"sv) ==
          " message too large at 0: a length of 18446744073709551615 is over the limit of 1 MiB");
}

TEST_CASE("a message whose header announces too much, and whose header is not all there, is refused") {
    const std::string huge(8, '\xff');
    const std::string sentence = "its header announces a length of 18446744073709551615, but it has ";
    CHECK(encoded(*framing::parse("len64,after=8,header=keep"), huge) == sentence + "8 bytes");
    CHECK(encoded(*framing::parse("ber,after=2,header=keep"), "\x88" + huge) == sentence + "9 bytes");
}

TEST_CASE("a short length that is longer than needed is refused for that") {
    CHECK(decoded("varint,counts=field,short=empty", "\x80\0"sv) ==
          " malformed at 1: the length 8000 is longer than it needs to be, and overlong=allow is not set");
}

TEST_CASE("a decoder that changes its framing reads no input that was used up") {
    const std::string first = "L: 13\r\n\r\nabc";
    std::string input = first;
    decoder decode(framing::len16());
    decode.feed(input);
    REQUIRE(decode.next().what == decoder::more);
    input.assign(input.size(), '#');  // it is not borrowed any more
    decode.switch_to(*framing::parse("lines,max=2,oversize=skip"));
    auto step = decode.next();
    CHECK(step.what == decoder::skipped);
    CHECK(step.size == 5);
    step = decode.next();
    CHECK(step.what == decoder::message);
    CHECK(step.payload.empty());
    step = decode.next();
    CHECK(step.what == decoder::more);
}
