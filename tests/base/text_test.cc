#include "weir/base/text.h"

#include <doctest/doctest.h>

#include <string>

#include "weir/base/internal/random.h"

using namespace weir;
using namespace std::chrono_literals;

TEST_CASE("an unsigned number is digits and nothing else") {
    CHECK(parse_unsigned("0") == 0u);
    CHECK(parse_unsigned("9") == 9u);
    CHECK(parse_unsigned("18446744073709551615") == UINT64_MAX);
    for (const char* const text : {"", "-1", "+1", " 1", "1 ", "01", "00", "1a", "0x1", "18446744073709551616"}) {
        CAPTURE(std::string(text));
        CHECK_FALSE(parse_unsigned(text).has_value());
    }
}

TEST_CASE("a size has a unit; without one it is in bytes") {
    CHECK(*parse_size("0") == 0u);
    CHECK(*parse_size("512") == 512u);
    CHECK(*parse_size("64KiB") == 65536u);
    CHECK(*parse_size("1MiB") == 1u << 20);
    CHECK(*parse_size("3GiB") == 3221225472u);
    CHECK(*parse_size("17179869183GiB") == 17179869183u * (std::uint64_t{1} << 30));
    for (const char* const text : {"", "KiB", "1K", "1kib", "1 KiB", "-1", "1.5MiB", "17179869184GiB", "1KiBx"}) {
        CAPTURE(std::string(text));
        CHECK(parse_size(text) == errc::malformed);
    }
    CHECK(parse_size("5k").error().message() ==
          "size \"5k\": no such unit; the units are KiB, MiB and GiB, and bytes without a unit");
}

TEST_CASE("a printed size parses to the same size") {
    CHECK(format_size(0) == "0");
    CHECK(format_size(1000) == "1000");
    CHECK(format_size(1024) == "1KiB");
    CHECK(format_size(65536) == "64KiB");
    CHECK(format_size(3u << 20) == "3MiB");
    CHECK(format_size(std::uint64_t{1} << 40) == "1024GiB");
    internal::random_source draw(1);
    for (int i = 0; i < 1000; ++i) {
        const std::uint64_t size = draw.next() >> draw.below(64) << draw.below(20);
        CHECK(*parse_size(format_size(size)) == size);
    }
    CHECK(say_size(0) == "0 bytes");
    CHECK(say_size(1) == "1 byte");
    CHECK(say_size(12) == "12 bytes");
    CHECK(say_size(1u << 20) == "1 MiB");
}

TEST_CASE("a time has a unit") {
    CHECK(*parse_duration("0s") == 0s);
    CHECK(*parse_duration("20ms") == 20ms);
    CHECK(*parse_duration("250us") == 250us);
    CHECK(*parse_duration("7ns") == 7ns);
    CHECK(*parse_duration("2s") == 2s);
    CHECK(*parse_duration("5min") == 5min);
    CHECK(*parse_duration("3h") == 3h);
    CHECK(*parse_duration("9223372036854775807ns") == duration::max());
    for (const char* const text : {"", "5", "s", "5m", "5 s", "-5s", "1.5s", "9223372036854775808ns", "9999999999h"}) {
        CAPTURE(std::string(text));
        CHECK(parse_duration(text) == errc::malformed);
    }
    CHECK(parse_duration("5").error().message() == "time \"5\": the unit is missing: write 20ms, 2s or 5min");
}

TEST_CASE("a printed time parses to the same time") {
    CHECK(format_duration(0s) == "0s");
    CHECK(format_duration(20ms) == "20ms");
    CHECK(format_duration(60s) == "1min");
    CHECK(format_duration(61s) == "61s");
    CHECK(format_duration(1500ms) == "1500ms");
    CHECK(format_duration(2h) == "2h");
    internal::random_source draw(2);
    for (int i = 0; i < 1000; ++i) {
        const duration time(static_cast<std::int64_t>(draw.next() >> (1 + draw.below(62))));
        CHECK(*parse_duration(format_duration(time)) == time);
    }
}

TEST_CASE("hex is pairs of digits") {
    CHECK(*parse_hex("") == bytes());
    CHECK(*parse_hex("00fFA9") == bytes{0x00, 0xff, 0xa9});
    CHECK_FALSE(parse_hex("0").has_value());
    CHECK_FALSE(parse_hex("0g").has_value());
    CHECK_FALSE(parse_hex("g0").has_value());
    CHECK_FALSE(parse_hex("0 ").has_value());
    CHECK_FALSE(parse_hex("@0").has_value());
    CHECK_FALSE(parse_hex("G0").has_value());
    CHECK_FALSE(parse_hex("/0").has_value());
    CHECK_FALSE(parse_hex(":0").has_value());
    CHECK_FALSE(parse_hex("`0").has_value());
    CHECK(to_hex(bytes{0x00, 0x0f, 0xf0, 0xff}) == "000ff0ff");
}

TEST_CASE("quoted bytes are parsed back unchanged") {
    CHECK(quote("a\"b\\c\n\r\t") == R"("a\"b\\c\n\r\t")");
    CHECK(quote(bytes{0x00, 0x1f, 0x7e, 0x7f, 0x20, 0xff}) == R"("\x00\x1f~\x7f \xff")");
    CHECK(quote("abcdef", 3) == "\"abc\"...");
    CHECK(quote("abc", 3) == "\"abc\"");
    CHECK(*parse_quoted(R"("\0\x41\"")") == bytes{0x00, 'A', '"'});
    for (const char* const text :
         {"", "\"", "a", "\"a", "a\"", "\"a\"b\"", "\"\\\"", "\"\\q\"", "\"\\x4\"", "\"\\x4g\"", "\"\\xg4\""}) {
        CAPTURE(std::string(text));
        CHECK_FALSE(parse_quoted(text).has_value());
    }
    internal::random_source draw(3);
    for (int i = 0; i < 300; ++i) {
        bytes content(draw.below(20));
        for (auto& byte : content) byte = static_cast<std::byte>(draw.next());
        CHECK(*parse_quoted(quote(content)) == content);
    }
}
