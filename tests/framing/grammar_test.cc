#include "weir/framing/grammar.h"

#include <doctest/doctest.h>

#include <string>

#include "said.h"
#include "weir/framing/framing.h"

using namespace weir;
using namespace std::chrono_literals;
using weir_test::refusal;

namespace {

std::string reprinted(const char* text) {
    const auto made = framing::parse(text);
    return made ? made->to_string() : "refused: " + std::string(made.error().detail());
}

}  // namespace

TEST_CASE("a framing is printed as it was written") {
    for (const char* const text : {"lines",
                                   "lines:crlf",
                                   "lines,max=4KiB,end=deliver",
                                   "lines,oversize=skip,empty=reject,check=crc32",
                                   "delimited:\"~\",start=\"~\",escape=7d01:7d/7d02:7e,check=xor8",
                                   "delimited:\"\\r\\n\\r\\n\"/\"\\n\\n\"",
                                   "delimited:\",\"/\"/\"/\":\"",
                                   "fixed:64",
                                   "fixed:1KiB,check=crc16-x25",
                                   "len8",
                                   "len16",
                                   "len24",
                                   "len32",
                                   "len64",
                                   "len16le",
                                   "len24le",
                                   "len32le",
                                   "len64le",
                                   "len32,offset=1,counts=field,header=keep",
                                   "len8,counts=payload,check=sum8",
                                   "len16,offset=4,counts=whole,magic=cafe",
                                   "len16,magic=cafe",
                                   "len16,magic=\"MSG\"",
                                   "varint,offset=1,header=keep",
                                   "varint,overlong=allow,max=none",
                                   "netstring",
                                   "netstring,max=100",
                                   "record:!I16sf",
                                   "record:<3Bx",
                                   "record:=I 2H",
                                   "chunks",
                                   "chunks,max=64KiB",
                                   "idle:20ms",
                                   "idle:1750us,check=crc16-modbus,order=big",
                                   "len32,check=crc32c,cover=frame,order=little",
                                   "len32,offset=2,check=xor8,cover=1",
                                   "lines,max=0",
                                   "len24,after=6,header=after",
                                   "len32,offset=3,header=keep,trailer=ce",
                                   "len32,mask=7fffffff,flags=80000000",
                                   "len16le,mask=0fff",
                                   "len16le,offset=2,times=4,counts=whole",
                                   "hex4,counts=whole,short=empty",
                                   "dec5",
                                   "digits:\" \",overlong=allow",
                                   "ber,magic=\"0\"",
                                   "header:Content-Length,header=keep",
                                   "delimited:c0,start=c0,empty=skip",
                                   "len32,check=crc16-ccitt-false",
                                   "len32,max=none,oversize=stream"}) {
        CHECK(reprinted(text) == text);
    }
}

TEST_CASE("descriptions with the same meaning are printed the same, and are equal") {
    CHECK(reprinted("len32,max=65536") == "len32,max=64KiB");
    CHECK(reprinted("delimited:0d0a") == "delimited:\"\\r\\n\"");
    CHECK(reprinted("delimited:\"~\"") == "delimited:\"~\"");
    CHECK(reprinted("delimited:\" \"") == "delimited:\" \"");
    CHECK(reprinted("delimited:\"\\x7e\\0\"") == "delimited:7e00");
    CHECK(reprinted("len16,magic=cafe,offset=2") == "len16,magic=cafe");
    CHECK(reprinted("lines,empty=allow,end=truncated,oversize=close") == "lines");
    CHECK(reprinted("len8,header=strip,counts=body,offset=0,check=none") == "len8");
    CHECK(reprinted("len8,check=xor8,cover=payload") == "len8,check=xor8");
    CHECK(reprinted("len8,check=xor8,cover=0") == "len8,check=xor8,cover=frame");
    CHECK(reprinted("idle:1000us") == "idle:1ms");
    CHECK(reprinted("delimited:\",\",max=5") == "delimited:\",\",max=5");
    CHECK(*framing::parse("lines,empty=reject,max=3") == *framing::parse("lines,max=3,empty=reject"));
    CHECK_FALSE(*framing::parse("lines,max=3") == *framing::parse("lines,max=4"));
}

TEST_CASE("code and text describe a framing with the same words") {
    CHECK(framing::lines().to_string() == "lines");
    CHECK(framing::lines().crlf().end(framing::deliver).max(10).to_string() == "lines:crlf,max=10,end=deliver");
    CHECK(framing::len8().to_string() == "len8");
    CHECK(framing::len16le().to_string() == "len16le");
    CHECK(framing::len24().to_string() == "len24");
    CHECK(framing::len24le().to_string() == "len24le");
    CHECK(framing::len64().to_string() == "len64");
    CHECK(framing::len64le().to_string() == "len64le");
    CHECK(framing::len16().to_string() == "len16");
    CHECK(framing::len32le().max_none().to_string() == "len32le,max=none");
    CHECK(framing::len32().offset(1).counts(framing::field).keep_header() ==
          *framing::parse("len32,offset=1,counts=field,header=keep"));
    CHECK(framing::len16().magic(bytes{0xca, 0xfe}).to_string() == "len16,magic=cafe");
    CHECK(framing::len16().offset(3).magic(bytes{0xca, 0xfe}).to_string() == "len16,offset=3,magic=cafe");
    CHECK(framing::delimited({bytes{0x7e}})
              .start(bytes{0x7e})
              .escape({{bytes{0x7d, 1}, bytes{0x7d}}, {bytes{0x7d, 2}, bytes{0x7e}}})
              .check(framing::xor8)
              .to_string() == "delimited:\"~\",start=\"~\",escape=7d01:7d/7d02:7e,check=xor8");
    CHECK(framing::fixed(64).to_string() == "fixed:64");
    CHECK(framing::record("!I16sf").to_string() == "record:!I16sf");
    CHECK(framing::varint().allow_overlong().to_string() == "varint,overlong=allow");
    CHECK(framing::netstring().reject_empty().oversize(framing::skip).to_string() ==
          "netstring,oversize=skip,empty=reject");
    CHECK(framing::chunks().to_string() == "chunks");
    CHECK(framing::idle(20ms).to_string() == "idle:20ms");
    CHECK(framing::len8().check(framing::crc32, 0).check_order(byte_order::little).to_string() ==
          "len8,check=crc32,cover=frame,order=little");
}

TEST_CASE("text that describes no framing is refused with a clear error") {
    CHECK(refusal("") ==
          "no framing is called \"\"; there are: lines delimited fixed len8 len16 len24 len32 len64 len16le len24le "
          "len32le len64le varint ber decN hexN digits header netstring record chunks idle");
    CHECK(refusal("line") == "no framing is called \"line\"; did you mean lines?");
    CHECK(refusal("len33") == "no framing is called \"len33\"; did you mean len32?");
    CHECK(refusal("len8le") == "no framing is called \"len8le\"; did you mean len8?");
    CHECK(refusal("lines:cr") == "lines has one argument, crlf; options follow a comma");
    CHECK(refusal("len32:offset=1") == "len32 takes no argument; options follow a comma: len32,offset=1");
    CHECK(refusal("netstring:") == "netstring takes no argument");
    CHECK(refusal("delimited") == "delimited needs an argument, like delimited:7e");
    CHECK(refusal("fixed") == "fixed needs an argument, like fixed:64");
    CHECK(refusal("record") == "record needs an argument, like record:!I16sf");
    CHECK(refusal("idle") == "idle needs an argument, like idle:20ms");
    CHECK(refusal("lines,") == "a comma is followed by nothing");
    CHECK(refusal("lines,maximum=5") ==
          "no option is called \"maximum\"; there are: start escape offset after mask flags times counts short header "
          "magic trailer overlong max oversize empty end check cover order");
    CHECK(refusal("lines,maxx=5") == "no option is called \"maxx\"; did you mean max?");
    CHECK(refusal("lines,max") == "max needs a value: max=...");
    CHECK(refusal("lines,max=") == "max: \"\": a size is a number with an optional unit, like 512, 64KiB or 1MiB");
    CHECK(refusal("lines,max=1k") ==
          "max: \"1k\": no such unit; the units are KiB, MiB and GiB, and bytes without a unit");
    CHECK(refusal("lines,max=1,max=2") == "max is given twice");
    CHECK(refusal("lines,offset=1") == "\"offset\" does not apply to lines");
    CHECK(refusal("len32,end=deliver") == "\"end\" does not apply to len32");
    CHECK(refusal("fixed:8,max=5") == "\"max\" does not apply to fixed");
    CHECK(refusal("record:!I,empty=allow") == "\"empty\" does not apply to record");
    CHECK(refusal("chunks,oversize=skip") == "\"oversize\" does not apply to chunks");
    CHECK(refusal("chunks,check=xor8") == "\"check\" does not apply to chunks");
    CHECK(refusal("idle:1s,empty=reject") == "\"empty\" does not apply to idle");
    CHECK(refusal("lines,oversize=drop") == "oversize: \"drop\" is not one of its values: close, skip or stream");
    CHECK(refusal("lines,check=md5") ==
          "check: \"md5\" is not one of its values: none, xor8, sum8, lrc8, fletcher8, sum16, crc16-arc, "
          "crc16-ccitt-false, crc16-kermit, crc16-modbus, crc16-x25, crc16-xmodem, crc32 or crc32c");
    CHECK(refusal("lines,check=crc32,order=middle") == "order: \"middle\" is not one of its values: big or little");
    CHECK(refusal("lines,check=crc32,cover=all") ==
          "cover: \"all\" is neither payload, nor frame, nor the number of its first byte");
    CHECK(refusal("len8,offset=x") == "offset: \"x\" is not a number of bytes");
    CHECK(refusal("delimited:7") ==
          "end mark: \"7\" is neither pairs of hex digits, like 7e, nor in quotes, like \"\\r\\n\"");
    CHECK(refusal("delimited:\"\\q\"") ==
          "end mark: \"\\\"\\\\q\\\"\" has a broken quote or escape: the escapes are \\n \\r \\t \\0 \\\\ \\\" and "
          "\\xNN");
    CHECK(refusal("delimited:\"\"") == "end mark: no bytes are given");
    CHECK(refusal("delimited:7e/") == "end mark: no bytes are given");
    CHECK(refusal("delimited:7e,escape=7d01") == "escape: \"7d01\" is not WIRE:PLAIN, like 7d01:7d");
    CHECK(refusal("idle:20") == "\"20\": the unit is missing: write 20ms, 2s or 5min");
    CHECK(refusal(("lines," + std::string(5000, 'x')).c_str()) == "longer than 4 KiB");
}

TEST_CASE("a framing that contradicts itself is refused with a clear error") {
    CHECK(refusal("len8,max=256") ==
          "max is 256 bytes, but a length of 1 byte announces messages of at most 255 bytes");
    CHECK(reprinted("len8,max=255") == "len8,max=255");
    CHECK(refusal("len8,counts=field,max=255") ==
          "max is 255 bytes, but a length of 1 byte announces messages of at most 254 bytes");
    CHECK(refusal("len8,check=crc32,max=252") ==
          "max is 252 bytes, but a length of 1 byte announces messages of at most 251 bytes");
    CHECK(reprinted("len8,check=crc32,counts=payload,max=255") == "len8,counts=payload,max=255,check=crc32");
    CHECK(reprinted("len8,header=keep,max=256") == "len8,header=keep,max=256");
    CHECK(refusal("len8,header=keep,max=257") ==
          "max is 257 bytes, but a length of 1 byte announces messages of at most 256 bytes");
    CHECK(reprinted("len8,offset=1,counts=whole,header=keep,max=255") ==
          "len8,offset=1,counts=whole,header=keep,max=255");
    CHECK(refusal("len8,offset=255,counts=whole") ==
          "a length of 1 byte cannot count a header of 256 bytes: it announces at most 255 bytes");
    CHECK(reprinted("len8,offset=254,counts=whole") == "len8,offset=254,counts=whole");
    CHECK(refusal("len8,offset=254,counts=whole,check=xor8") ==
          "a length of 1 byte cannot count a header of 255 bytes: it announces at most 255 bytes");
    CHECK(refusal("len8,offset=1,magic=cafe") ==
          "the magic takes 2 bytes, but the length begins at offset 1: set offset to at least 2");
    CHECK(refusal("len8,magic=cafe,offset=0") ==
          "the magic takes 2 bytes, but the length begins at offset 0: set offset to at least 2");
    CHECK(refusal("len8,magic=000102030405060708090a0b0c0d0e0f10") == "magic is longer than 16 bytes");
    CHECK(refusal("len8,offset=4097") == "offset is more than 4 KiB");
    CHECK(reprinted("len8,offset=4096") == "len8,offset=4096");
    CHECK(refusal("lines,cover=frame") == "cover and order describe a checksum: add check= too");
    CHECK(refusal("lines,order=big") == "cover and order describe a checksum: add check= too");
    CHECK(refusal("lines,check=xor8,cover=1") == "cover begins at byte 1, after the first byte of the payload");
    CHECK(refusal("len32,offset=2,check=xor8,cover=3") ==
          "cover begins at byte 3, after the beginning of the length: it must be at most the offset, or write "
          "cover=payload");
    CHECK(refusal("lines,max=0,empty=reject") == "max=0 leaves only the empty message, and empty=reject refuses it");
    CHECK(refusal("chunks,max=0") == "max=0 leaves only the empty message, and chunks has none");
    CHECK(refusal("idle:1s,max=0") == "max=0 leaves only the empty message, and idle has none");
    description chunks(framing_kind::chunks);
    chunks.checksum = checksum_kind::xor8;
    CHECK(chunks.check().error().detail() == "a chunk is what one read returned: it has no checksum");
    CHECK(refusal("fixed:0") == "fixed needs at least 1 byte a message: a message of 0 bytes has no end");
    CHECK(refusal("fixed:8589934592GiB") == "fixed must be at most 2^61 bytes");
    CHECK(refusal("idle:0s") == "idle needs a gap of more than 0, like idle:20ms");
    CHECK(refusal("delimited:00/01/02/03/04/05/06/07/08") == "more than 8 end marks");
    CHECK(refusal("delimited:000102030405060708090a0b0c0d0e0f10") ==
          "the end mark \"\\x00\\x01\\x02\\x03\\x04\\x05\\x06\\x07\\x08\\t\\n\\x0b\\x0c\\r\\x0e\\x0f\\x10\" is longer "
          "than 16 bytes");
    CHECK(refusal("delimited:7e/7e") == "the end mark \"~\" is given twice");
    CHECK(refusal("delimited:\"abc\"/\"b\"") ==
          "the end mark \"abc\" can never be seen, because \"b\" inside it ends the message first");
    CHECK(reprinted("delimited:\"\\r\\n\"/\"\\n\"") == "delimited:\"\\r\\n\"/\"\\n\"");
    CHECK(refusal("delimited:7e,start=000102030405060708090a0b0c0d0e0f10") == "the start mark is longer than 16 bytes");
    CHECK(refusal("delimited:7e,escape=7d:7e") ==
          "escape is written WIRE:PLAIN, two bytes on the wire for one of the payload, like 7d01:7d");
    CHECK(refusal("delimited:7e,escape=7d01:7d/7c02:7e") == "all escapes begin with the same byte on the wire");
    CHECK(refusal("delimited:7e,escape=7d7e:7e/7d01:7d") == "the escape 7d7e contains the end mark \"~\"");
    CHECK(refusal("delimited:7e7d,escape=7d01:7d") == "the end mark \"~}\" contains the escape byte 7d");
    CHECK(refusal("delimited:7e,escape=7d7d:7d") == "the escape 7d7d repeats the escape byte");
    // 7d 01 02 could be an escape pair and a byte, or 7d and the end mark, so a payload could not be decoded.
    CHECK(refusal("delimited:0102,escape=7d01:7d") ==
          "the second byte of the escape 7d01 begins the end mark \"\\x01\\x02\": followed by the rest of the mark, it "
          "would end the message");
    CHECK(framing::parse("delimited:0102,escape=7d02:7d"));
    CHECK(refusal("delimited:0a/0a0a") ==
          "the end mark \"\\n\\n\" can never be seen, because \"\\n\" inside it ends the message first");
    CHECK(refusal("delimited:7e,escape=7d01:7d/7d01:7e") ==
          "two escapes are the same on one side: 7d01:7d and 7d01:7e");
    CHECK(refusal("delimited:7e,escape=7d02:7e") ==
          "the escape byte 7d needs an escape of its own, or a payload that has it could not be distinguished from an "
          "escape");
    CHECK(refusal("record:I") ==
          "a record begins with its byte order: ! or > (big-endian) or < (little-endian), like record:!I16sf");
    CHECK(refusal("record:@I") == refusal("record:I"));
    CHECK(refusal("record:!k") == "no such field; there are: x c b B ? h H i I l L q Q e f d s p: \"k\", character 2");
    CHECK(refusal("record:!I\n2H") == "in the text of a framing, only spaces may separate the fields of a record");
    CHECK(refusal("record:!I\t2H") == refusal("record:!I\n2H"));
    CHECK(refusal("record:!4") == "the count at the end has no field after it");
    CHECK(refusal("record:!") == "a record of no bytes has no end");
    CHECK(refusal("record:!0I") == "a record of no bytes has no end");
    CHECK(refusal("record:!9999999999x") == "a record of more than 1 GiB");
    CHECK(refusal("record:!999999999q") == "a record of more than 1 GiB");
}

TEST_CASE("a description with a field of another kind is refused") {
    const auto refused = [](auto say) {
        description fields(framing_kind::netstring);
        say(fields);
        const auto made = framing::make(std::move(fields));
        REQUIRE_FALSE(made);
        return std::string(made.error().detail());
    };
    CHECK(refused([](description& d) { d.crlf = true; }) == "\"crlf\" does not apply to this framing");
    CHECK(refused([](description& d) { d.marks.emplace_back(bytes_view("\n")); }) ==
          "\"marks\" does not apply to this framing");
    CHECK(refused([](description& d) { d.size = 1; }) == "\"size\" does not apply to this framing");
    CHECK(refused([](description& d) { d.width = 1; }) == "\"width\" does not apply to this framing");
    CHECK(refused([](description& d) { d.order = byte_order::little; }) == "\"order\" does not apply to this framing");
    CHECK(refused([](description& d) { d.fields = "!B"; }) == "\"fields\" does not apply to this framing");
    CHECK(refused([](description& d) { d.gap = duration(1); }) == "\"gap\" does not apply to this framing");
    CHECK(refused([](description& d) { d.name = "mine"; }) == "\"name\" does not apply to this framing");
    CHECK(refused([](description& d) { d.end = end_rule::deliver; }) == "\"end\" does not apply to this framing");
}

TEST_CASE("a length of one byte has no byte order") {
    description fields(framing_kind::length);
    fields.width = 1;
    fields.order = byte_order::little;
    const auto made = framing::make(std::move(fields));
    REQUIRE(made);
    CHECK(*made == framing::len8());
    CHECK(made->to_string() == "len8");
}

TEST_CASE("the limit is the given one, that of the kind of framing, or 1 MiB") {
    const auto limit = [](const char* text) { return framing::parse(text)->fields().limit(); };
    CHECK(limit("lines") == 1u << 20);
    CHECK(limit("lines,max=5") == 5);
    CHECK(limit("lines,max=none") == INT64_MAX);
    CHECK(limit("fixed:7") == 7);
    CHECK(limit("record:!I16sf") == 24);
    CHECK(limit("record:<3Hxq?e") == 18);
    CHECK(limit("len8") == 255);
    CHECK(limit("len8,counts=field") == 254);
    CHECK(limit("len8,offset=2,counts=whole") == 252);
    CHECK(limit("len8,offset=2,counts=whole,header=keep") == 255);
    CHECK(limit("len8,check=crc32") == 251);
    CHECK(limit("len8,check=crc16-x25,counts=payload") == 255);
    CHECK(limit("len16") == 65535);
    CHECK(limit("len24") == 1u << 20);
    CHECK(limit("len64") == 1u << 20);
    CHECK(limit("len64,max=none") == weir::most_message_bytes);
    CHECK(limit("len64,max=2GiB") == std::uint64_t{2} << 30);
    CHECK(limit("varint") == 1u << 20);
}
