// Edge cases that few inputs reach. The other tests would not detect a bug in these places.
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "said.h"
#include "weir/base/internal/random.h"
#include "weir/base/text.h"
#include "weir/framing/decoder_memory.h"
#include "weir/framing/formats/checksum.h"
#include "weir/framing/grammar.h"
#include "weir/framing/laws/laws.h"

using namespace weir;
using namespace std::string_view_literals;
using weir_test::decoded;
using weir_test::encoded;

TEST_CASE("every bit of a magic is compared, however much of it has arrived") {
    CHECK(decoded("len8,magic=ca", "\xcb\1xxxxxxxxxxxxxxxx"sv).starts_with(" malformed at 0"));
    const std::string right = "0123456789\2ab";
    CHECK(decoded("len8,magic=30313233343536373839", right + right) == "<ab><ab> end");
    for (std::size_t place = 0; place < 10; ++place) {
        std::string wrong = right + right;
        wrong[right.size() + place] ^= 1;
        CHECK(decoded("len8,magic=30313233343536373839", wrong).find("malformed at " + std::to_string(13 + place)) !=
              std::string::npos);
    }
    for (std::size_t size = 1; size <= 10; ++size) {
        std::string frame = "0123456789";
        frame.resize(size);
        const std::string text = "len8,magic=" + to_hex(frame);
        frame += "\7pppppppp";
        frame.pop_back();
        std::string wrong = frame + frame;
        wrong[frame.size() + size - 1] ^= 1;
        CHECK(decoded(text.c_str(), frame + frame) == "<ppppppp><ppppppp> end");
        CHECK(decoded(text.c_str(), wrong).find("malformed at " + std::to_string(frame.size() + size - 1)) !=
              std::string::npos);
    }
}

TEST_CASE("an escape pair may have any second byte, also zero") {
    CHECK(encoded("delimited:0a,escape=0d00:0a/0d01:0d", "\n\r\n"sv) == "\r\0\r\1\r\0\n"sv);
    CHECK(decoded("delimited:0a,escape=0d00:0a/0d01:0d", "\r\0\r\1\r\0\n"sv) == "<\n\r\n> end"sv);
}

TEST_CASE("a stuffed checksum is read correctly after a message over the limit") {
    // The exclusive or of the first message is the end mark. The exclusive or of the second is the escape byte.
    const std::vector<bytes> messages{"\1\2\x09", "\1\2\x0e", "ab", "\x0a\x0d\x0a\x0d\x0a\x0d", "\x0a\x0d\x07"};
    const std::string text = "delimited:0a,escape=0d01:0d/0d02:0a,check=";
    for (const char* const kind : {"xor8", "sum8", "crc16-x25"}) {
        const auto generous = laws::subject_of(*framing::parse(text + kind));
        for (const char* const rule : {",max=2,oversize=skip", ",max=2,oversize=stream"}) {
            const auto tested = laws::subject_of(*framing::parse(text + kind + rule));
            if (auto broken = laws::resync(*tested, *generous, messages)) FAIL_CHECK(*broken);
            internal::random_source draw(3);
            for (int i = 0; i < 500; ++i) {
                bytes drawn(3 + static_cast<std::size_t>(draw.below(4)));
                for (auto& byte : drawn) byte = static_cast<std::byte>(draw.between(9, 14));
                if (auto broken = laws::resync(*tested, *generous, {&drawn, 1})) FAIL_CHECK(*broken);
            }
        }
    }
}

TEST_CASE("an unknown escape pair is an error after a piece of an oversize message, also with a checksum") {
    for (const char* const kind : {"xor8", "crc16-x25", "crc32"}) {
        const std::string text = "delimited:0a,escape=0d01:0d/0d02:0a,max=2,oversize=stream,check=" + std::string(kind);
        for (const char* const stream : {"ab\r\5", "abcdefgh\r\5", "abcdefghijkl\r\5xyz\n"}) {
            const auto place = std::string_view(stream).find('\r');
            CHECK(decoded(text.c_str(), stream).find("malformed at " + std::to_string(place)) != std::string::npos);
            if (auto broken = laws::segmentation(*laws::subject_of(*framing::parse(text)), stream)) FAIL_CHECK(*broken);
        }
    }
}

TEST_CASE("the error of a message over the limit is at the first byte over it; escape pairs count as two bytes") {
    const char* const text = "delimited:7e,start=7e,escape=7d01:7d/7d02:7e,max=4";
    CHECK(decoded(text, "\x7e\x7d\1\x7d\1\x7d\1\x7d\1\x7d\1\x41\x7e"sv).starts_with(" message too large at 9: "));
    CHECK(decoded(text,
                  "\x7e\x7d\1"
                  "abcd\x7d\1\x41\x7e"sv)
              .starts_with(" message too large at 6: "));
    CHECK(decoded(text,
                  "\x7e"
                  "abcd\x7d\1\x7e"sv)
              .starts_with(" message too large at 5: "));
    CHECK(decoded(text,
                  "\x7e"
                  "abcde"
                  "fghijklmnopq"sv)
              .starts_with(" message too large at 5: "));
}

TEST_CASE("a payload that cannot be sent because of its checksum is refused with an error that says so") {
    CHECK(encoded("lines,check=xor8", "\x09\x03"sv) ==
          "byte 2 is a line feed, which would end the message there (its checksum is 0a, which this framing "
          "cannot escape; a framing with a length, such as len32, can carry it)");
    CHECK(encoded("lines,check=xor8", "ab"sv).size() == 4);
    CHECK(encoded("lines,check=xor8", "a\nb"sv) == "byte 1 is a line feed, which would end the message there");
}

TEST_CASE("a framing that searches for an end examines every byte") {
    decoder decode(framing::lines());
    std::uint64_t fed = 0;
    for (const std::string_view part : {"a\nbb\nccc"sv, "c\n"sv, ""sv, "\n\n\nd"sv, "d"sv, "\ne\n"sv}) {
        decode.feed(part);
        while (decode.next().what != decoder::more) {
        }
        fed += part.size();
        CHECK(decode.looked() >= fed);
        CHECK(decode.looked() <= 2 * fed);
    }
}

TEST_CASE("check() replaces an earlier checksum, and covers the payload again") {
    CHECK(framing::len32().check(framing::crc32, 0).check(framing::xor8) == framing::len32().check(framing::xor8));
}

TEST_CASE("a fixed framing needs its size") {
    CHECK_FALSE(description(framing_kind::fixed).check());
    CHECK(framing::parse("lenxyz").error().message().find("did you mean") == std::string::npos);
}

TEST_CASE("a checksum covers every value of a byte") {
    // Computes a checksum bit by bit, as the standards define it.
    const auto bitwise = [](std::string_view content, std::uint32_t reversed, std::uint32_t begin, std::uint32_t end) {
        std::uint32_t sum = begin;
        for (const char c : content) {
            sum ^= static_cast<std::uint8_t>(c);
            for (int bit = 0; bit < 8; ++bit) sum = (sum >> 1) ^ ((sum & 1) != 0 ? reversed : 0);
        }
        return sum ^ end;
    };
    const auto ours = [](std::string_view content, checksum_kind kind) {
        running_checksum sum(kind);
        sum.update(content);
        return sum.value();
    };
    const auto forward = [](std::string_view content, std::uint32_t sum) {
        for (const auto character : content) {
            sum ^= static_cast<std::uint32_t>(static_cast<unsigned char>(character)) << 8;
            for (int bit = 0; bit < 8; ++bit) sum = ((sum << 1) ^ ((sum & 0x8000) != 0 ? 0x1021u : 0)) & 0xffff;
        }
        return sum;
    };
    // Longer contents, at every place of memory: words are summed in one step.
    for (int first = 0; first < 256; ++first) {
        std::string memory(static_cast<std::size_t>(first % 8), 'x');
        for (int i = 0; i < first % 37; ++i) memory += static_cast<char>(first * (i + 3));
        memory += {static_cast<char>(first), 'a', static_cast<char>(255 - first)};
        const std::string_view content = std::string_view(memory).substr(static_cast<std::size_t>(first % 8));
        CHECK(ours(content, checksum_kind::crc32) == bitwise(content, 0xedb88320, ~0u, ~0u));
        CHECK(ours(content, checksum_kind::crc32c) == bitwise(content, 0x82f63b78, ~0u, ~0u));
        CHECK(ours(content, checksum_kind::crc16_arc) == bitwise(content, 0xa001, 0, 0));
        CHECK(ours(content, checksum_kind::crc16_modbus) == bitwise(content, 0xa001, 0xffff, 0));
        CHECK(ours(content, checksum_kind::crc16_kermit) == bitwise(content, 0x8408, 0, 0));
        CHECK(ours(content, checksum_kind::crc16_x25) == bitwise(content, 0x8408, 0xffff, 0xffff));
        CHECK(ours(content, checksum_kind::crc16_ccitt_false) == forward(content, 0xffff));
        CHECK(ours(content, checksum_kind::crc16_xmodem) == forward(content, 0));
    }
}

TEST_CASE("what a varint counts, and the place of the error if it is wrong") {
    CHECK(encoded("varint,counts=whole,offset=2", "abc") == "\0\0\6abc"sv);
    CHECK(decoded("varint,counts=whole,offset=2", "\0\0\6abc"sv) == "<abc> end");
    const std::string endless = "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\1";
    CHECK(decoded("varint", endless).starts_with(" malformed at 9: "));
    CHECK(decoded("varint,offset=1", "x" + endless).starts_with(" malformed at 10: "));
}

TEST_CASE("a checksum over the start mark is right for a message over the limit") {
    const std::string text = "delimited:0a,start=abcd,check=sum8,cover=frame";
    const std::vector<bytes> messages{"x", "xyz", "xyzxyz", ""};
    const auto generous = laws::subject_of(*framing::parse(text));
    for (const char* const rule : {",max=2,oversize=skip", ",max=2,oversize=stream"}) {
        const auto tested = laws::subject_of(*framing::parse(text + rule));
        if (auto broken = laws::resync(*tested, *generous, messages)) FAIL_CHECK(*broken);
    }
}

TEST_CASE("a description accepts values up to their maximum, and refuses larger ones") {
    description marks(framing_kind::delimited);
    marks.marks = {bytes("\n"), bytes()};
    CHECK_FALSE(marks.check());
    marks.marks = {bytes("\n")};
    marks.start = bytes(most_mark_bytes);
    CHECK(marks.check());
    marks.start = bytes(most_mark_bytes + 1);
    CHECK_FALSE(marks.check());
    const std::string blank = "fixed:";
    CHECK(framing::parse(blank + std::string(most_framing_text_bytes - blank.size(), '1'))
              .error()
              .message()
              .find("longer than") == std::string::npos);
    CHECK(framing::parse(blank + std::string(most_framing_text_bytes - blank.size() + 1, '1'))
              .error()
              .message()
              .find("longer than") != std::string::npos);
}

TEST_CASE("a copy of a decoder inside a line over the limit ends like the original when it is finished") {
    for (const char* const text :
         {"lines,max=1,oversize=skip,end=deliver", "lines,max=1,oversize=stream,end=deliver"}) {
        decoder decode(*framing::parse(text));
        auto input = std::make_unique<bytes>("many bytes without an end");
        decode.feed(*input);
        while (decode.next().what != decoder::more) {
        }
        decoder copied(decode);
        input.reset();
        copied.finish();
        CHECK(copied.next().what ==
              (std::string(text).find("skip") == std::string::npos ? decoder::piece : decoder::skipped));
        CHECK(copied.next().what == decoder::end);
    }
}

TEST_CASE("missing() is the number of missing bytes of a message whose size is known, and zero otherwise") {
    decoder sized(framing::len16());
    CHECK(decoder_memory::missing(sized) == 0);
    sized.feed(bytes_view("\0"sv));
    CHECK(sized.next().what == decoder::more);
    CHECK(decoder_memory::missing(sized) == 0);
    sized.feed(bytes_view("\5ab"sv));
    CHECK(sized.next().what == decoder::more);
    CHECK(decoder_memory::missing(sized) == 3);
    decoder searched(framing::lines());
    searched.feed(bytes_view("ab"sv));
    CHECK(searched.next().what == decoder::more);
    CHECK(decoder_memory::missing(searched) == 0);
}
