// take() moves a message out of the decoder, together with its memory. The decoder continues with the next message.
#include <doctest/doctest.h>

#include <string>

#include "weir/framing/decoder.h"
#include "weir/framing/decoder_memory.h"
#include "weir/framing/encoder.h"

using namespace weir;

namespace {

constexpr const char* framings[] = {
    "lines",   "lines:crlf", "len32",          "len16le,check=crc32",
    "varint",  "netstring",  "delimited:0a3b", "delimited:7e,escape=7d01:7d/7d02:7e",
    "fixed:5",
};

std::string frames(const framing& how, std::initializer_list<std::string_view> messages) {
    buffer made;
    const encoder encode(how);
    for (const auto one : messages) REQUIRE(encode.encode(one, made));
    return std::string(made.view().text());
}

// Feeds the parts, takes each message with its memory, and returns the joined messages.
std::string taken(decoder& by, std::initializer_list<std::string_view> parts, bool prepares) {
    std::string said;
    for (const auto part : parts) {
        by.feed(part);
        for (auto step = by.next(); step.what != decoder::more; step = by.next()) {
            REQUIRE(step.what == decoder::message);
            const buffer content = by.take(step.payload);
            said.append(content.view().text()).append(",");
        }
        if (prepares) decoder_memory::prepare(by, 100);
    }
    return said;
}

}  // namespace

TEST_CASE("each message can be taken with its memory, however the stream was cut") {
    for (const char* const text : framings) {
        CAPTURE(text);
        const auto how = *framing::parse(text);
        const std::string stream = frames(how, {"first", "}~ond", "third"});
        for (std::size_t one = 0; one <= stream.size(); ++one) {
            for (std::size_t other = one; other <= stream.size(); ++other) {
                const std::string_view all = stream;
                for (const bool prepares : {false, true}) {
                    decoder by(how);
                    const std::string said =
                        taken(by, {all.substr(0, one), all.substr(one, other - one), all.substr(other)}, prepares);
                    if (said != "first,}~ond,third,") FAIL("cut at " << one << " and " << other << ": " << said);
                }
            }
        }
    }
}

TEST_CASE("taking a message that arrived in parts does not copy it") {
    decoder by(framing::lines().max(1 << 20));
    const std::string half(100'000, 'a');
    by.feed(half);
    REQUIRE(by.next().what == decoder::more);
    const std::string rest = half + "\nnext\n";
    by.feed(rest);
    auto step = by.next();
    REQUIRE(step.what == decoder::message);
    const std::byte* const place = step.payload.data();
    const buffer content = by.take(step.payload);
    CHECK(content.view() == bytes_view(half + half));
    CHECK(content.data() == place);
    CHECK(decoder_memory::allocated(by) < 8192);
    step = by.next();
    REQUIRE(step.what == decoder::message);
    CHECK(step.payload.text() == "next");
}
