// The parts of a framing: checksums, the search for a mark, and the encoder.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "weir/base/internal/random.h"
#include "weir/framing/decoder.h"
#include "weir/framing/encoder.h"
#include "weir/framing/formats/checksum.h"
#include "weir/framing/internal/mark_scan.h"
#include "weir/framing/laws/laws.h"

using namespace weir;
using namespace std::string_view_literals;

TEST_CASE("each checksum of \"123456789\" is the published one, in one piece or many") {
    const auto check = [](checksum_kind kind, std::uint32_t expected) {
        running_checksum whole(kind);
        whole.update("123456789");
        CHECK(whole.value() == expected);
        running_checksum parts(kind);
        parts.update("1234");
        parts.update("");
        parts.update("56789");
        CHECK(parts == whole);
    };
    check(checksum_kind::xor8, 0x31);
    check(checksum_kind::sum8, 0xdd);
    check(checksum_kind::lrc8, 0x23);
    check(checksum_kind::fletcher8, 0xdd15);
    check(checksum_kind::sum16, 0x01dd);
    check(checksum_kind::crc16_arc, 0xbb3d);
    check(checksum_kind::crc16_ccitt_false, 0x29b1);
    check(checksum_kind::crc16_kermit, 0x2189);
    check(checksum_kind::crc16_modbus, 0x4b37);
    check(checksum_kind::crc16_x25, 0x906e);
    check(checksum_kind::crc16_xmodem, 0x31c3);
    check(checksum_kind::crc32, 0xcbf43926);
    check(checksum_kind::crc32c, 0xe3069283);
    running_checksum none(checksum_kind::none);
    none.update("x");
    CHECK(none.value() == 0);
}

TEST_CASE("a checksum is written and read in either byte order") {
    buffer wire;
    put_checksum(0x01020304, 4, byte_order::big, wire);
    put_checksum(0x01020304, 4, byte_order::little, wire);
    put_checksum(0x0102, 2, byte_order::big, wire);
    CHECK(wire.view() == bytes{1, 2, 3, 4, 4, 3, 2, 1, 1, 2});
    CHECK(read_checksum(wire.view().first(4), byte_order::big) == 0x01020304);
    CHECK(read_checksum(wire.view().part(4, 4), byte_order::little) == 0x01020304);
}

TEST_CASE("mark_bits() has one bit for each mark of a block") {
    internal::random_source draw(1);
    for (int round = 0; round < 2000; ++round) {
        bytes block(64);
        const std::byte mark{static_cast<std::uint8_t>(draw.next())};
        std::uint64_t expected = 0;
        for (std::size_t i = 0; i < 64; ++i) {
            // A wrong comparison of whole words may take bytes with a value next to the mark for the mark.
            const auto near = static_cast<std::uint8_t>(std::to_integer<unsigned>(mark) + draw.below(3) - 1);
            block[i] = draw.one_in(3) ? mark : draw.one_in(2) ? std::byte{near} : static_cast<std::byte>(draw.next());
            if (block[i] == mark) expected |= std::uint64_t{1} << i;
        }
        REQUIRE(internal::mark_bits(block.data(), mark) == expected);
    }
}

TEST_CASE("every mark is found once and in order, whatever the distances between marks") {
    internal::random_source draw(2);
    for (int round = 0; round < 500; ++round) {
        bytes input(draw.below(3000));
        std::vector<std::size_t> places;
        const std::uint64_t rarity = std::uint64_t{1} << draw.below(11);
        for (std::size_t i = 0; i < input.size(); ++i) {
            input[i] = draw.one_in(rarity) ? std::byte{'\n'} : std::byte{'.'};
            if (input[i] == std::byte{'\n'}) places.push_back(i);
        }
        internal::mark_scan scan(std::byte{'\n'});
        const std::byte* const end = input.data() + input.size();
        for (int again = 0; again < 2; ++again) {
            scan.start(input.data());
            const std::byte* from = input.data();
            for (const std::size_t place : places) {
                REQUIRE(scan.find(from, end) == input.data() + place);
                from = input.data() + place + 1;
                REQUIRE(scan.looked(from) >= place + 1);
            }
            REQUIRE(scan.find(from, end) == nullptr);
            REQUIRE(scan.find(from, end) == nullptr);
            CHECK(scan.looked(from) == input.size());
        }
        // Skips some marks, and reads looked() from time to time.
        scan.start(input.data());
        std::uint64_t taken = 0;
        for (std::size_t next = 0; next < places.size();) {
            const std::byte* const found =
                scan.find(next == 0 ? input.data() : input.data() + places[next - 1] + 1, end);
            REQUIRE(found == input.data() + places[next]);
            taken += scan.take_looked(found + 1);
            next += 1 + draw.below(3);
            if (next >= places.size()) break;
            scan.resume(input.data() + places[next - 1] + 1);
        }
        CHECK(taken <= input.size());
    }
}

namespace {

std::string encoded(const char* framing_text, bytes_view payload) {
    const encoder encode(*framing::parse(framing_text));
    buffer out;
    out.append("[");
    const auto done = encode.encode(payload, out);
    if (!done) {
        CHECK(out.view() == "[");
        return done.error().message();
    }
    return std::string(out.view().text());
}

}  // namespace

TEST_CASE("a frame is the header, the payload, the checksum and the mark") {
    CHECK(encoded("lines", "abc") == "[abc\n");
    CHECK(encoded("lines:crlf", "") == "[\r\n");
    CHECK(encoded("lines,check=xor8", "abc") == "[abc`\n");
    CHECK(encoded("len8", "abc") == "[\3abc");
    CHECK(encoded("len16le", "abc") == "[\3\0abc"sv);
    CHECK(encoded("len64", "abc") == "[\0\0\0\0\0\0\0\3abc"sv);
    CHECK(encoded("len16", std::string(258, 'x')) == "[\1\2" + std::string(258, 'x'));
    CHECK(encoded("len8,offset=3,magic=cafe,counts=whole", "abc") == "[\xca\xfe\0\7abc"sv);
    CHECK(encoded("len8,counts=field,check=crc16-x25", "123456789") ==
          "[\x0c"
          "123456789\x6e\x90");
    CHECK(encoded("len8,counts=payload,check=crc16-x25,order=big", "123456789") ==
          "[\x09"
          "123456789\x90\x6e");
    CHECK(encoded("len8,check=sum8,cover=frame", "\1\2") == "[\3\1\2\6");
    CHECK(encoded("len8,offset=1,header=keep,check=sum8", "x\3\1\2") == "[x\3\1\2\3");
    CHECK(encoded("len8,offset=1,header=keep,check=sum8,cover=1", "x\3\1\2") == "[x\3\1\2\6");
}

TEST_CASE("a payload that the decoder would not return is refused, and nothing is written") {
    CHECK(encoded("lines", "ab\nc") == "encode lines: byte 2 is a line feed, which would end the message there");
    CHECK(encoded("lines", "ab\r") == "encode lines: it ends in CR, which would be taken for part of the line end");
    CHECK(encoded("lines,max=3", "abcd") == "encode lines,max=3: a message of 4 bytes is over the limit of 3 bytes");
    CHECK(encoded("lines,empty=reject", "") == "encode lines,empty=reject: it is empty, and empty=reject refuses that");
    CHECK(encoded("lines,check=xor8", "\x0a") ==
          "encode lines,check=xor8: byte 0 is a line feed, which would end the message there");
    CHECK(encoded("lines,check=xor8", "\5\x0f") ==
          "encode lines,check=xor8: byte 2 is a line feed, which would end the message there (its checksum is 0a, "
          "which this framing cannot escape; a framing with a length, such as len32, can carry it)");
    CHECK(encoded("lines,check=xor8", "\x0d\x00"sv) ==
          "encode lines,check=xor8: it ends in CR, which would be taken for part of the line end (its checksum is 0d, "
          "which this framing cannot escape; a framing with a length, such as len32, can carry it)");
    CHECK(encoded("len8", std::string(256, 'x')) ==
          "encode len8: a message of 256 bytes is over the limit of 255 bytes");
    CHECK(encoded("len8,offset=1,header=keep", "x\4abc") ==
          "encode len8,offset=1,header=keep: its header announces a message of 6 bytes, but it has 5 bytes");
    CHECK(encoded("len8,offset=1,header=keep", "x") ==
          "encode len8,offset=1,header=keep: it has 1 byte, fewer than the header that header=keep expects in the "
          "message");
    CHECK(encoded("len8,magic=ca,header=keep", "x\0"sv) ==
          "encode len8,header=keep,magic=ca: a frame begins with 78 instead of the magic ca");
    CHECK(encoded("len8,header=keep,empty=reject", "\0"sv) ==
          "encode len8,header=keep,empty=reject: it is empty after its header, and empty=reject refuses that");
    CHECK(encoded("len8,header=keep,check=crc16-x25", "\1"sv) ==
          "encode len8,header=keep,check=crc16-x25: its header announces fewer bytes than the checksum has");
}

TEST_CASE("the messages before and after one that is too large are returned unchanged") {
    for (const char* const text :
         {"lines", "lines:crlf", "len8", "len16le", "len32,offset=2", "len8,check=crc16-x25", "lines,check=sum8",
          "len8,check=xor8,cover=frame", "len16,counts=whole,magic=cafe"}) {
        for (const char* const rule : {",max=4,oversize=skip", ",max=4,oversize=stream"}) {
            const auto generous = laws::subject_of(*framing::parse(text));
            const auto tested = laws::subject_of(*framing::parse(std::string(text) + rule));
            const std::vector<bytes> messages{"ab", "12345", "", "abcdefgh", "wxyz", "123456", "\rabcd", "ab\r\rcd"};
            if (auto broken = laws::resync(*tested, *generous, messages)) FAIL_CHECK(*broken);
            for (std::size_t i = 0; i < messages.size(); ++i) {
                laws::effort thorough;
                thorough.every_cut_bytes = 16;
                if (auto broken = laws::resync(*tested, *generous, {&messages[i], 1}, thorough)) FAIL_CHECK(*broken);
            }
        }
    }
}
