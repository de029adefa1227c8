// A struct as a record: its bytes on the wire, the members that a format accepts, and that both APIs agree.
#include "weir/framing/record/record_codec.h"

#include <doctest/doctest.h>

#include <cmath>

#include "weir/base/text.h"
#include "weir/framing/record/record.h"

using namespace weir;
using namespace std::string_view_literals;

namespace {

struct reading {
    std::uint32_t id;
    std::array<char, 16> name;
    float value;
};
constexpr auto reading_codec = record("!I16sf", &reading::id, &reading::name, &reading::value);
static_assert(reading_codec.size() == 24);
static_assert(reading_codec.format() == "!I16sf");

enum class level : std::int16_t { low = -1, high = 300 };
enum flags : std::uint8_t { red = 1, blue = 4 };

struct everything {
    std::int8_t tiny;
    bool valid;
    level how;
    flags which;
    std::int64_t when;
    std::uint64_t serial;
    double exact;
    float rough;
    char letter;
    std::byte raw;
    unsigned char key[3];
    std::array<std::uint16_t, 3> channels;
    float position[2];
    std::string name;
    std::string note;
};

auto everything_codec(std::string_view format) {
    return parse_record(format, &everything::tiny, &everything::valid, &everything::how, &everything::which,
                        &everything::when, &everything::serial, &everything::exact, &everything::rough,
                        &everything::letter, &everything::raw, &everything::key, &everything::channels,
                        &everything::position, &everything::name, &everything::note);
}

everything some_of_everything() {
    return {-3,        true,         level::high, blue, -5,    6, 0.25, 1.5, 'z', std::byte{0xfe},
            {1, 2, 3}, {10, 20, 30}, {-1, 2},     "n",  "note"};
}

constexpr std::string_view body = "b?hB qQde cc3s x3H2e 8s6p";

template <class Codec>
std::string hex(const Codec& codec, const auto& from) {
    buffer out;
    out.append("<");
    const auto done = codec.pack(from, out);
    if (done) return to_hex(out.view().from(1));
    CHECK(done == errc::unencodable);
    CHECK(out.view() == "<");
    return std::string(done.error().message());
}

template <class... Members>
std::string refusal(std::string_view format, Members everything::*... members) {
    const auto codec = parse_record(format, members...);
    if (codec) return "accepted";
    CHECK(codec == errc::malformed);
    return std::string(codec.error().detail());
}

}  // namespace

TEST_CASE("a struct is packed as its format describes, and unpacked to the same values") {
    const reading one{7, {'b', 'o', 'i', 'l', 'e', 'r'}, 21.5};
    CHECK(hex(reading_codec, one) == "00000007626f696c65720000000000000000000041ac0000");
    buffer out;
    REQUIRE(reading_codec.pack(one, out));
    const auto came = reading_codec.unpack(out.view());
    REQUIRE(came);
    CHECK(came->id == 7);
    CHECK(came->name == one.name);
    CHECK(came->value == 21.5f);
}

TEST_CASE("a struct with every kind of member packs the same bytes as record_layout, in either byte order") {
    const everything one = some_of_everything();
    for (const char order : {'!', '<'}) {
        const std::string format = order + std::string(body);
        const auto layout = record_layout::parse(format);
        REQUIRE(layout);
        buffer expected;
        REQUIRE(layout->pack(
            {-3, true, 300, 4, -5, 6, 0.25, 1.5, "z", "\xfe", "\1\2\3", 10, 20, 30, -1, 2, "n", "note"}, expected));
        const auto codec = everything_codec(format);
        REQUIRE(codec);
        CHECK(codec->size() == layout->size());
        CHECK(hex(*codec, one) == to_hex(expected.view()));

        everything back{};
        back.name = "something longer than that";
        REQUIRE(codec->unpack(expected.view(), back));
        CHECK(back.tiny == -3);
        CHECK(back.valid);
        CHECK(back.how == level::high);
        CHECK(back.which == blue);
        CHECK(back.when == -5);
        CHECK(back.serial == 6);
        CHECK(back.exact == 0.25);
        CHECK(back.rough == 1.5f);
        CHECK(back.letter == 'z');
        CHECK(back.raw == std::byte{0xfe});
        CHECK(bytes_view(std::as_bytes(std::span(back.key))) == "\1\2\3");
        CHECK(back.channels == one.channels);
        CHECK(back.position[0] == -1);
        CHECK(back.position[1] == 2);
        CHECK(back.name == "n");
        CHECK(back.note == "note");
    }
}

TEST_CASE("any bytes can be unpacked: a bool is true unless its byte is 0, a length too large means the whole field") {
    struct loose {
        bool truth;
        std::string pascal;
        std::string text;
    };
    const auto codec = record("!?3p4sx", &loose::truth, &loose::pascal, &loose::text);
    auto came = codec.unpack(
        "\x80\xff"
        "abab\0cx"sv);
    REQUIRE(came);
    CHECK(came->truth);
    CHECK(came->pascal == "ab");
    CHECK(came->text == "ab");  // the bytes before the first zero byte
    came = codec.unpack("\0\0\0\0abcdx"sv);
    REQUIRE(came);
    CHECK_FALSE(came->truth);
    CHECK(came->pascal.empty());
    CHECK(came->text == "abcd");
}

TEST_CASE("bytes of another size are refused, and the struct is unchanged") {
    reading kept{9, {}, 1};
    for (const std::size_t size : {0u, 23u, 25u}) {
        const auto done = reading_codec.unpack(std::string(size, 'x'), kept);
        CHECK(done == errc::malformed);
        CHECK(done.error().message() == "unpack !I16sf: it has " + say_size(size) + ", but a record has 24 bytes");
        CHECK(reading_codec.unpack(std::string(size, 'x')) == errc::malformed);
    }
    CHECK(kept.id == 9);
}

TEST_CASE("a value that would be different after unpacking is refused") {
    struct note {
        std::string name;
        std::string text;
        float half;
    };
    const auto codec = record("!4s4pe", &note::name, &note::text, &note::half);
    CHECK(hex(codec, note{"abcd", "abc", 1}) ==
          "6162636403616263"
          "3c00");
    CHECK(hex(codec, note{"", std::string("\0\0\0", 3), -65504}) ==
          "0000000003000000"
          "fbff");
    CHECK(hex(codec, note{"abcde", "", 0}) ==
          "pack !4s4pe: member 1 (4s at byte 0): the text is longer than the field");
    CHECK(hex(codec, note{std::string("a\0", 2), "", 0}) ==
          "pack !4s4pe: member 1 (4s at byte 0): the text has a zero byte, which would end it; a std::array keeps all "
          "bytes");
    CHECK(hex(codec, note{"", "abcd", 0}) ==
          "pack !4s4pe: member 2 (4p at byte 4): the text is longer than the field, or than the 255 bytes that its "
          "length "
          "byte can count");
    CHECK(hex(codec, note{"", "", 65520}) ==
          "pack !4s4pe: member 3 (e at byte 8): out of range, which for a half float is -65504 to 65504");
    const auto long_text = record("!300p", &note::text);
    CHECK(hex(long_text, note{"", std::string(255, 'q'), 0}).substr(0, 6) == "ff7171");
    CHECK(hex(long_text, note{"", std::string(256, 'q'), 0}).substr(0, 31) == "pack !300p: member 1 (300p at b");
}

TEST_CASE("a NaN keeps its payload in a float and a double") {
    struct numbers {
        float single;
        double whole;
    };
    const auto codec = record("!fd", &numbers::single, &numbers::whole);
    const auto wire = "\x7f\x80\0\1\xff\xf0\0\0\0\0\0\2"sv;
    const auto came = codec.unpack(wire);
    REQUIRE(came);
    CHECK(hex(codec, *came) == to_hex(wire));
}

TEST_CASE("members that do not match the format are refused with the types that they must have") {
    using all = everything;
    CHECK(refusal("!b", &all::tiny) == "accepted");
    CHECK(refusal("!B", &all::tiny) == "member 1: B is a std::uint8_t, or an enum of it");
    CHECK(refusal("!bb", &all::tiny, &all::which) == "member 2: b is a std::int8_t, or an enum of it");
    CHECK(refusal("!H", &all::how) == "member 1: H is a std::uint16_t, or an enum of it");
    CHECK(refusal("!h", &all::valid) == "member 1: h is a std::int16_t, or an enum of it");
    CHECK(refusal("!i", &all::when) == "member 1: i and l are a std::int32_t, or an enum of it");
    CHECK(refusal("!L", &all::rough) == "member 1: I and L are a std::uint32_t, or an enum of it");
    CHECK(refusal("!q", &all::serial) == "member 1: q is a std::int64_t, or an enum of it");
    CHECK(refusal("!Q", &all::when) == "member 1: Q is a std::uint64_t, or an enum of it");
    CHECK(refusal("!?", &all::tiny) == "member 1: ? is a bool");
    CHECK(refusal("!c", &all::which) == "member 1: c is a char or a std::byte");
    CHECK(refusal("!e", &all::exact) == "member 1: e is a float");
    CHECK(refusal("!f", &all::exact) == "member 1: f is a float");
    CHECK(refusal("!d", &all::rough) == "member 1: d is a double");
    CHECK(refusal("!4p", &all::letter) == "member 1: p is a std::string");
    const std::string string = "member 1: s is a std::string, or an array of as many char, unsigned char or std::byte";
    CHECK(refusal("!2s", &all::key) == string);
    CHECK(refusal("!3s", &all::channels) == string);
    CHECK(refusal("!s", &all::letter) == string);
    CHECK(refusal("!3B", &all::key) == "accepted");
    CHECK(refusal("!HHH", &all::channels) == "member 1: the array has more elements than the field has values");
    CHECK(refusal("!3H", &all::channels, &all::tiny) == "the format has fewer values than there are members");
    CHECK(refusal("!x", &all::tiny) == "the format has fewer values than there are members");
    CHECK(refusal("!4H", &all::channels) == "the format has more values than there are members");
    CHECK(refusal("!bxb", &all::tiny) == "the format has more values than there are members");
    CHECK(refusal("!bxk", &all::tiny) ==
          "no such field; there are: x c b B ? h H i I l L q Q e f d s p: \"k\", character 4");
    CHECK(refusal("b", &all::tiny).substr(0, 37) == "a record begins with its byte order: ");
}

TEST_CASE("one field with a count matches one array, or as many members") {
    struct point {
        std::int16_t x, y;
        std::array<std::int16_t, 2> speed;
        std::int16_t z;
    };
    const auto codec = record("!x3hx2h", &point::x, &point::speed, &point::y, &point::z);
    CHECK(hex(codec, point{1, 4, {2, 3}, 5}) ==
          "00"
          "000100020003"
          "00"
          "00040005");
}

TEST_CASE("an enum that cannot hold every number, and other types, are refused as members of a record") {
    enum open { one, two };
    static_assert(internal::record_shape_of<open>().what == internal::record_shape::none);
    static_assert(internal::record_shape_of<flags>().what == internal::record_shape::unsigned_integer);
    static_assert(internal::record_shape_of<level>().what == internal::record_shape::signed_integer);
    static_assert(internal::record_shape_of<long double>().what == internal::record_shape::none);
    static_assert(internal::record_shape_of<const char*>().what == internal::record_shape::none);
    static_assert(internal::record_shape_of<std::array<std::string, 2>>().what == internal::record_shape::none);
    static_assert(internal::record_shape_of<char[2][2]>().what == internal::record_shape::none);
    CHECK(internal::record_shape_of<std::array<float, 2>>().elements == 2);
}
