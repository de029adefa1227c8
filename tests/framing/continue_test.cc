// A decoder that continues with another stream at a boundary behaves like a decoder that has read that stream.
#include <doctest/doctest.h>

#include <string>

#include "weir/framing/decoder.h"
#include "weir/framing/decoder_memory.h"
#include "weir/framing/encoder.h"

using namespace weir;

namespace {

// Returns the frames of two messages.
std::string frames(const framing& how, std::string_view one, std::string_view other) {
    buffer made;
    const encoder encode(how);
    REQUIRE(encode.encode(one, made));
    REQUIRE(encode.encode(other, made));
    return std::string(made.view().text());
}

// Feeds pieces of `piece` bytes, and joins the messages.
std::string told(decoder& by, std::string_view bytes, std::size_t piece) {
    std::string said;
    while (!bytes.empty()) {
        by.feed(bytes.substr(0, piece));
        bytes.remove_prefix(std::min(piece, bytes.size()));
        for (auto step = by.next(); step.what != decoder::more; step = by.next()) {
            if (step.what == decoder::failed) return said + "failed at " + std::to_string(by.failed_at());
            said += std::string(step.payload.text()) + ",";
        }
    }
    return said;
}

}  // namespace

TEST_CASE("a decoder that continues with another stream is equal to one that has read that stream") {
    for (const char* const text :
         {"lines", "len16", "len32le,check=crc32", "netstring", "varint", "fixed:3",
          "delimited:7e,escape=7d01:7d/7d02:7e", "record:!3s", "delimited:0d0a", "len8,max=3,oversize=skip"}) {
        CAPTURE(text);
        const framing how = *framing::parse(text);
        const std::string stream = frames(how, "one", "two");
        for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
            decoder one(how);
            decoder other(how);
            decoder moving(how);
            CHECK(told(one, stream, piece) == "one,two,");
            CHECK(told(moving, stream, piece) == "one,two,");
            CHECK(moving == one);
            decoder_memory::continue_at(moving, other.offset());
            CHECK(moving == other);
            CHECK(told(moving, stream, 2) == told(other, stream, 2));
            decoder_memory::continue_at(moving, one.offset());
            CHECK(moving == one);
            CHECK(told(moving, stream, piece) == "one,two,");
            CHECK(moving.offset() == 2 * stream.size());
        }
    }
}

TEST_CASE("the offset of an error counts from the beginning of the stream with which a decoder continues") {
    decoder moving(*framing::parse("lines,max=4"));
    CHECK(told(moving, "one\n", 1) == "one,");
    decoder_memory::continue_at(moving, 1000);
    CHECK(told(moving, "two\nlonger\n", 3) == "two,failed at 1008");
}
