// Records on literal bytes: every code, every error. tests/records compares them with CPython's struct on random
// input.
#include "weir/framing/record/record.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "said.h"
#include "weir/base/text.h"
#include "weir/framing/record/internal/record_number.h"

using namespace weir;
using namespace std::string_view_literals;

namespace {

record_layout layout_of(std::string_view format) {
    auto layout = record_layout::parse(format);
    REQUIRE_MESSAGE(layout, std::string(format));
    return *layout;
}

// Returns the packed bytes in hex, or the error text.
std::string packed(std::string_view format, std::initializer_list<record_value> values) {
    buffer out;
    out.append("<");
    const auto done = layout_of(format).pack(values, out);
    if (done) return to_hex(out.view().from(1));
    CHECK(done == errc::unencodable);
    CHECK(out.view() == "<");  // nothing was appended
    return std::string(done.error().detail());
}

std::vector<record_value> unpacked(std::string_view format, bytes_view content) {
    const auto values = layout_of(format).unpack(content);
    REQUIRE(values);
    return *values;
}

std::string refusal(std::string_view format) {
    const auto layout = record_layout::parse(format);
    CHECK(layout == errc::malformed);
    return layout ? "accepted" : std::string(layout.error().detail());
}

using values = std::vector<record_value>;

}  // namespace

TEST_CASE("a record is its fields one after the other, and is unpacked to the same values") {
    const auto layout = layout_of("!I16sf");
    CHECK(layout.size() == 24);
    CHECK(layout.values() == 3);
    CHECK(layout.order() == byte_order::big);
    CHECK(layout.format() == "!I16sf");
    CHECK(packed("!I16sf", {7, "boiler", 21.5}) ==
          "00000007626f696c657200000000000000000000"
          "41ac0000");
    const std::string wire{"\0\0\0\7boiler\0\0\0\0\0\0\0\0\0\0\x41\xac\0\0"sv};
    CHECK(unpacked("!I16sf", wire) == values{7u, "boiler\0\0\0\0\0\0\0\0\0\0"sv, 21.5});
}

TEST_CASE("integers have their standard size in either order") {
    CHECK(packed("!bBhHiIlLqQ", {-2, 254, -3, 0xfffd, -4, 0xfffffffc, -5, 0xfffffffb, -6, UINT64_MAX - 6}) ==
          "fefe"
          "fffdfffd"
          "fffffffcfffffffc"
          "fffffffbfffffffb"
          "fffffffffffffffa"
          "fffffffffffffff9");
    CHECK(packed(">HIQ", {0x0102, 0x01020304, 0x0102030405060708}) ==
          "0102"
          "01020304"
          "0102030405060708");
    CHECK(packed("<HIQ", {0x0102, 0x01020304, 0x0102030405060708}) ==
          "0201"
          "04030201"
          "0807060504030201");
    CHECK(packed("=H", {0x0102}) == (std::endian::native == std::endian::little ? "0201" : "0102"));
    CHECK(unpacked("<bBhHiIqQ",
                   "\xfe\xfe\xfd\xff\xfd\xff\xfc\xff\xff\xff\xfc\xff\xff\xff"
                   "\xfa\xff\xff\xff\xff\xff\xff\xff\xfa\xff\xff\xff\xff\xff\xff\xff") ==
          values{-2, 254u, -3, 0xfffdu, -4, 0xfffffffcu, -6, UINT64_MAX - 5});
    CHECK(packed("!HB", {true, false}) == "000100");
}

TEST_CASE("the least and the greatest value of each type are packed, and the error for other values names the range") {
    CHECK(packed("!bBhHiI", {-128, 255, -32768, 65535, INT32_MIN, UINT32_MAX}) == "80ff8000ffff80000000ffffffff");
    CHECK(packed("!bhiqQ", {127, 32767, INT32_MAX, INT64_MAX, UINT64_MAX}) ==
          "7f7fff7fffffff7fffffffffffffffffffffffffffffff");
    CHECK(packed("!q", {INT64_MIN}) == "8000000000000000");
    CHECK(packed("!b", {128}) == "value 1 (b at byte 0): 128 is out of range, which is -128 to 127");
    CHECK(packed("!b", {-129}) == "value 1 (b at byte 0): -129 is out of range, which is -128 to 127");
    CHECK(packed("!x2B", {1, 256}) == "value 2 (B at byte 2): 256 is out of range, which is 0 to 255");
    CHECK(packed("!H", {-1}) == "value 1 (H at byte 0): -1 is out of range, which is 0 to 65535");
    CHECK(packed("!h", {32768u}) == "value 1 (h at byte 0): 32768 is out of range, which is -32768 to 32767");
    CHECK(packed("!l", {std::int64_t{INT32_MIN} - 1}) ==
          "value 1 (l at byte 0): -2147483649 is out of range, which is -2147483648 to 2147483647");
    CHECK(packed("!I", {std::uint64_t{1} << 32}) ==
          "value 1 (I at byte 0): 4294967296 is out of range, which is 0 to 4294967295");
    CHECK(packed("!q", {std::uint64_t{1} << 63}) ==
          "value 1 (q at byte 0): 9223372036854775808 is out of range, which is -9223372036854775808 to "
          "9223372036854775807");
    CHECK(packed("!Q", {-1}) == "value 1 (Q at byte 0): -1 is out of range, which is 0 to 18446744073709551615");
}

TEST_CASE("floats are rounded to their size, and do not become infinite") {
    CHECK(packed("!fd", {1.5f, 0.1}) ==
          "3fc00000"
          "3fb999999999999a");
    CHECK(packed("<fd", {-2, 7u}) ==
          "000000c0"
          "0000000000001c40");
    CHECK(packed("!f", {0x1.fffffefffffffp127}) == "7f7fffff");
    CHECK(packed("!f", {0x1.ffffffp127}) ==
          "value 1 (f at byte 0): 3.4028235677973366e+38 is out of range, which for a float is -3.4028235e+38 to "
          "3.4028235e+38");
    const double infinity = std::numeric_limits<double>::infinity();
    CHECK(packed("!ffdd", {infinity, -infinity, infinity, -infinity}) ==
          "7f800000"
          "ff800000"
          "7ff0000000000000"
          "fff0000000000000");
    CHECK(packed("!d", {std::bit_cast<double>(0xfff8000000000123u)}) == "fff8000000000123");
    CHECK(unpacked("!fd", "\x3f\xc0\0\0\x3f\xb9\x99\x99\x99\x99\x99\x9a"sv) == values{1.5, 0.1});
}

TEST_CASE("half floats round to even, are subnormal below 2^-14, and end at 65504") {
    const auto half = [](double number) { return packed("!e", {number}); };
    CHECK(half(1) == "3c00");
    CHECK(half(-0.0) == "8000");
    CHECK(half(65504) == "7bff");
    CHECK(half(65519.999) == "7bff");
    CHECK(half(65520) == "value 1 (e at byte 0): 65520 is out of range, which for a half float is -65504 to 65504");
    CHECK(half(-1e300) == "value 1 (e at byte 0): -1e+300 is out of range, which for a half float is -65504 to 65504");
    CHECK(half(HUGE_VAL) == "7c00");
    CHECK(half(-HUGE_VAL) == "fc00");
    CHECK(half(std::bit_cast<double>(0xfff0000000000123u)) == "fe00");
    CHECK(half(1 + 0x1p-11) == "3c00");    // a tie, down to even
    CHECK(half(1 + 0x3p-11) == "3c02");    // a tie, up to even
    CHECK(half(1 + 0x1.1p-11) == "3c01");  // over the tie
    CHECK(half(2 - 0x1p-12) == "4000");    // carried into the exponent
    CHECK(half(0x1p-14) == "0400");        // the smallest normal one
    CHECK(half(0x1p-14 - 0x1p-26) == "0400");
    CHECK(half(0x3p-25) == "0002");  // a tie among subnormals
    CHECK(half(0x1p-24) == "0001");
    CHECK(half(0x1p-25) == "0000");  // half of the smallest: to even
    CHECK(half(0x1.0000000000001p-25) == "0001");
    CHECK(half(-0x1.fp-26) == "8000");
    CHECK(half(5e-324) == "0000");
}

TEST_CASE("every half float is packed from its number unchanged, except for the payload of a NaN") {
    for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
        const auto half = static_cast<std::uint16_t>(bits);
        const double number = internal::from_half(half);
        const bool not_a_number = (bits & 0x7c00) == 0x7c00 && (bits & 0x3ff) != 0;
        CHECK(std::isnan(number) == not_a_number);
        CHECK(std::signbit(number) == (bits >= 0x8000));
        CHECK(internal::half_of(number) == (not_a_number ? (bits & 0x8000) | 0x7e00 : bits));
    }
    CHECK(internal::from_half(0x3555) == 0x1.554p-2);
    CHECK(internal::from_half(0x0001) == 0x1p-24);
    CHECK(unpacked("<e", "\x00\xc0"sv) == values{-2.0});
}

TEST_CASE("a bool is one byte: 0 is false, and all other values are true") {
    CHECK(packed("!4?", {true, false, 5, 0u}) == "01000100");
    CHECK(packed("!4?", {0.0, NAN, "", "0"}) == "00010001");
    CHECK(unpacked("!3?", "\0\1\xff"sv) == values{false, true, true});
}

TEST_CASE("s is cut or filled with zeros, p begins with its length, and c is one byte") {
    CHECK(packed("!4s", {"ab"}) == "61620000");
    CHECK(packed("!4s", {"abcdef"}) == "61626364");
    CHECK(packed("!0sB", {"abc", 1}) == "01");
    CHECK(packed("!5p", {"ab"}) == "0261620000");
    CHECK(packed("!5p", {"abcdef"}) == "0461626364");
    CHECK(packed("!p", {"ab"}) == "00");
    CHECK(packed("!2c", {"a", "b"}) == "6162");
    CHECK(packed("!s", {bytes{0x00, 0xff}}) == "00");
    CHECK(packed("!c", {"ab"}) == "value 1 (c at byte 0): expected one byte, but \"ab\" was given");
    CHECK(packed("!c", {""}) == "value 1 (c at byte 0): expected one byte, but \"\" was given");
    CHECK(unpacked("!4s0s2c", "ab\0\0xy"sv) == values{"ab\0\0"sv, "", "x", "y"});
    CHECK(unpacked("!3p", "\2ab"sv) == values{"ab"});
    CHECK(unpacked("!3p", "\1ab"sv) == values{"a"});
    CHECK(unpacked("!3p",
                   "\xff"
                   "ab"sv) == values{"ab"});  // a length that is too large means the whole field
    CHECK(unpacked("!p", "\x07"sv) == values{""});
}

TEST_CASE("a p of more than 256 bytes is packed and unpacked as Python does, although its length is one byte") {
    const std::string long_text(299, 'q');
    CHECK(packed("!300p", {long_text}) == "ff" + to_hex(long_text));
    CHECK(unpacked("!300p", "\xff" + long_text) == values{std::string(255, 'q')});
}

TEST_CASE("padding is written as zeros, and any bytes are read") {
    CHECK(packed("!Bx2xB", {1, 2}) == "0100000002");
    CHECK(packed("!0x0I3x", {}) == "000000");
    CHECK(unpacked("!xB", "\x55\1"sv) == values{1u});
}

TEST_CASE("the fields are listed with their places; blanks and leading zeros in the format are ignored") {
    const auto layout = layout_of("<\t2H x 0I 003s\r\n\v\f0s10x?");
    struct expected {
        char code;
        std::size_t offset, size, count;
    };
    const expected all[] = {{'H', 0, 2, 2}, {'x', 4, 1, 1},  {'s', 5, 3, 1},
                            {'s', 8, 0, 1}, {'x', 8, 1, 10}, {'?', 18, 1, 1}};
    REQUIRE(layout.fields().size() == std::size(all));
    for (std::size_t i = 0; i < std::size(all); ++i) {
        CHECK(layout.fields()[i].code == all[i].code);
        CHECK(layout.fields()[i].offset == all[i].offset);
        CHECK(layout.fields()[i].size == all[i].size);
        CHECK(layout.fields()[i].count == all[i].count);
    }
    CHECK(layout.size() == 19);
    CHECK(layout.values() == 5);
    CHECK(layout.order() == byte_order::little);
    CHECK(layout_of("!").size() == 0);
    CHECK(layout_of("!1073741824x").size() == 1u << 30);
}

TEST_CASE("the error for a wrong format names the wrong character") {
    const std::string order =
        "a record begins with its byte order: ! or > (big-endian) or < (little-endian), like record:!I16sf";
    CHECK(refusal("") == order);
    CHECK(refusal("I") == order);
    CHECK(refusal("@I") == order);
    CHECK(refusal(" !I") == order);
    CHECK(refusal("!I!") == "no such field; there are: x c b B ? h H i I l L q Q e f d s p: \"!\", character 3");
    CHECK(refusal("!I\0"sv) == "no such field; there are: x c b B ? h H i I l L q Q e f d s p: \"\\x00\", character 3");
    for (const auto* const one : {"n", "N", "P"}) {
        CHECK(refusal(std::string("!4") + one) ==
              std::string("n, N and P have no standard size: \"") + one + "\", character 3");
    }
    CHECK(refusal("!4") == "the count at the end has no field after it");
    CHECK(refusal("!4 I") ==
          "a count and its field are written without a blank between them, like 4I: \" \", character 3");
    CHECK(refusal("!0p") == "0p has no byte for its length: \"p\", character 3");
    CHECK(refusal("!1073741824xx") == "a record of more than 1 GiB");
    CHECK(refusal("!99999999999999999999999999Q") == "a record of more than 1 GiB");
    CHECK(refusal("!18446744073709551616x") == "a record of more than 1 GiB");
}

TEST_CASE("values of another number or type, and bytes of another size, are refused") {
    CHECK(packed("!HH", {1}) == "expected 2 values, but 1 was given");
    CHECK(packed("!H", {1, 2}) == "expected 1 value, but 2 were given");
    CHECK(packed("!2x", {1}) == "expected 0 values, but 1 was given");
    CHECK(packed("!BH", {1, 1.5}) == "value 2 (H at byte 1): expected an integer, but 1.5 was given");
    CHECK(packed("!H", {"one"}) == "value 1 (H at byte 0): expected an integer, but \"one\" was given");
    CHECK(packed("!f", {"1"}) == "value 1 (f at byte 0): expected a number, but \"1\" was given");
    CHECK(packed("!B5s", {1, 7}) == "value 2 (5s at byte 1): expected bytes, but 7 was given");
    CHECK(packed("!5p", {true}) == "value 1 (5p at byte 0): expected bytes, but true was given");
    CHECK(packed("!c", {-1}) == "value 1 (c at byte 0): expected bytes, but -1 was given");
    CHECK(packed("!0s", {7}) == "value 1 (0s at byte 0): expected bytes, but 7 was given");
    CHECK(packed("!0s", {"abc"}).empty());
    const auto layout = layout_of("!HH");
    for (const std::size_t size : {0u, 3u, 5u}) {
        const auto values = layout.unpack(std::string(size, 'x'));
        CHECK(values == errc::malformed);
        CHECK(values.error().message() == "unpack !HH: it has " + say_size(size) + ", but a record has 4 bytes");
    }
}

TEST_CASE("a framing of records has the size of its layout, whatever the format") {
    for (const auto* const text : {"!I16sf", "<3Hxq?e", "=5p 2x d", ">0sB"}) {
        CHECK(framing::record(text).fields().limit() == layout_of(text).size());
    }
    CHECK(weir_test::decoded(framing::record("!H B"), "abcdef") == "<abc><def> end");
}
