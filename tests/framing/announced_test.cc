// Length fields: limits above the largest number of the field, and numbers that cannot be the length of a message.
#include <doctest/doctest.h>

#include "said.h"
#include "weir/framing/decoder.h"
#include "weir/framing/encoder.h"
#include "weir/framing/format.h"
#include "weir/framing/framing.h"

namespace {

using namespace std::string_view_literals;
using weir::description;
using weir::framing;
using weir::framing_kind;
using weir_test::decoded;

std::uint64_t limit_of(const framing& described) { return weir::encoder(described).limit(); }

// The frame is the size of the payload in two decimal digits, and the payload.
class two_digits final : public weir::format {
    weir::verdict measure(const weir::frame_bytes& frame, std::uint64_t& looked) const override {
        std::uint64_t size = 0;
        for (std::size_t i = 0; i < 2; ++i) {
            if (i == frame.content.size()) return weir::verdict::more(2);
            const auto digit = std::to_integer<unsigned>(frame.content[i]) - '0';
            if (digit > 9) return weir::verdict::broken(i);
            size = 10 * size + digit;
            ++looked;
        }
        return weir::verdict::frame(2, size, 0);
    }
    void put_header(std::uint64_t size, weir::buffer& out) const override {
        out.append(std::string{static_cast<char>('0' + size / 10), static_cast<char>('0' + size % 10)});
    }
};

}  // namespace

TEST_CASE("a limit is never above the largest length that the field can announce, however it is set") {
    for (const auto& [text, most] : {std::pair{"len8,max=none", 255u},
                                     {"len16,max=none", 65535u},
                                     {"len16le,counts=field,max=none", 65533u},
                                     {"len24,max=none", 0xffffffu},
                                     {"len8,check=crc32,max=none", 251u},
                                     {"len8,counts=payload,check=crc32,max=none", 255u},
                                     {"len8,offset=3,counts=whole,max=none", 251u},
                                     {"len8,offset=3,header=keep,max=none", 259u},
                                     {"len32,max=none", 0xffffffffu}}) {
        CAPTURE(text);
        CHECK(limit_of(*framing::parse(text)) == most);
        CHECK(limit_of(*framing::parse(text)) == framing::parse(text)->fields().limit());
    }
    CHECK(limit_of(framing::len8().max_none()) == 255);
    CHECK(limit_of(framing::len16().max(UINT64_MAX)) == 65535);
    description fields(framing_kind::length);
    fields.width = 1;
    fields.max = UINT64_MAX;
    CHECK(limit_of(*framing::make(fields)) == 255);
    CHECK(limit_of(framing::netstring().max_none()) == 999'999'999'999'999'999);
    CHECK(limit_of(framing::varint().max_none()) == weir::most_message_bytes);
    CHECK(limit_of(framing::len64().max_none()) == weir::most_message_bytes);
}

TEST_CASE("with max=none a message that the length cannot announce is refused, and no byte of it is sent") {
    for (const auto& described :
         {*framing::parse("len8,max=none"), framing::len16().max_none(), framing::len24().max_none(),
          *framing::parse("len16,counts=whole,offset=4,check=xor8,max=none")}) {
        CAPTURE(described.to_string());
        const weir::encoder encode(described);
        weir::buffer out;
        const auto sent = encode.encode(std::string(encode.limit() + 1, 'x'), out);
        REQUIRE(!sent);
        CHECK(sent.error() == weir::errc::too_large);
        CHECK(out.empty());
        REQUIRE(encode.encode(std::string(encode.limit(), 'x'), out));
        weir::decoder decode(described);
        decode.feed(out.view());
        CHECK(decode.next().payload.size() == encode.limit());
        CHECK(decode.next().what == weir::decoder::more);
    }
}

TEST_CASE("for every kind of length, a limit above the largest announced length is refused") {
    const auto why = [](const char* text) { return std::string(framing::parse(text).error().detail()); };
    CHECK(why("len8,max=256") == "max is 256 bytes, but a length of 1 byte announces messages of at most 255 bytes");
    CHECK(why("netstring,max=1000000000000000000") ==
          "max is 976562500000000 KiB, but the length of a netstring announces messages of at most "
          "999999999999999999 bytes");
    CHECK(why("varint,max=2147483649GiB") ==
          "max is 2147483649 GiB, but a varint announces messages of at most 2147483648 GiB");
    CHECK(why("len64,max=2147483649GiB") ==
          "max is 2147483649 GiB, but a length of 8 bytes announces messages of at most 2147483648 GiB");
}

TEST_CASE("a custom format refuses a message that its length cannot announce, instead of sending another length") {
    const weir::encoder encode(framing::custom("two-digits", std::make_shared<two_digits>()));
    weir::buffer out;
    CHECK(encode.encode(std::string(99, 'x'), out));
    CHECK(out.size() == 101);
    const auto sent = encode.encode(std::string(100, 'x'), out);
    REQUIRE(!sent);
    CHECK(sent.error() == weir::errc::unencodable);
    CHECK(sent.error().detail() ==
          "the format's header does not announce this body of 100 bytes: is max= more than its length can announce?");
    CHECK(out.size() == 101);
}

TEST_CASE("a length that is impossible for a message is reported as it was received") {
    CHECK(decoded("len64", "\x7f\xff\xff\xff\xff\xff\xff\xff") ==
          " message too large at 0: a length of 9223372036854775807 is over the limit of 1 MiB");
    CHECK(decoded("len64", "\x80\0\0\0\0\0\0\0"sv) ==
          " message too large at 0: a length of 9223372036854775808 is over the limit of 1 MiB "
          "(it would be 128 in little-endian)");
    CHECK(decoded("len64", "\xff\xff\xff\xff\xff\xff\xff\xff") ==
          " message too large at 0: a length of 18446744073709551615 is over the limit of 1 MiB");
    CHECK(decoded("len64,counts=payload,check=crc32,max=none", "\xff\xff\xff\xff\xff\xff\xff\xff") ==
          " message too large at 0: a length of 18446744073709551615 is over the limit of 2147483648 GiB");
    CHECK(decoded("len64,header=keep,offset=1,max=none", "a\xff\xff\xff\xff\xff\xff\xff\xff") ==
          " message too large at 1: a length of 18446744073709551615 is over the limit of 2305843009213693961 bytes");
    CHECK(decoded("len64", "\x20\0\0\0\0\0\0\1"sv) ==
          " message too large at 0: a message of 2305843009213693953 bytes is over the limit of 1 MiB");
    CHECK(decoded("varint", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01") ==
          " message too large at 0: a length of 18446744073709551615 is over the limit of 1 MiB");
    CHECK(decoded("varint,counts=field,max=none", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01") ==
          " message too large at 0: a length of 18446744073709551615 is over the limit of 2147483648 GiB");
    CHECK(decoded("varint", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\0"sv) ==
          " malformed at 9: the length ffffffffffffffffff00 is longer than it needs to be, and overlong=allow is not "
          "set");
    const weir::encoder encode(*framing::parse("len64,header=keep"));
    weir::buffer out;
    const auto sent = encode.encode(
        "\xff\xff\xff\xff\xff\xff\xff\xff"
        "abc",
        out);
    REQUIRE(!sent);
    CHECK(sent.error().detail() == "its header announces a length of 18446744073709551615, but it has 11 bytes");
}
