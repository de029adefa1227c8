// Costs that are counted instead of timed: allocations per message, bytes held.
#include <doctest/doctest.h>

#include <cstdlib>
#include <new>
#include <string>

#include "weir/framing/decoder.h"
#include "weir/framing/decoder_memory.h"
#include "weir/framing/encoder.h"
#include "weir/framing/record/record.h"
#include "weir/framing/record/record_codec.h"

namespace {

std::size_t allocations = 0;
std::size_t largest = 0;

void* counted(std::size_t size) {
    ++allocations;
    largest = size > largest ? size : largest;
    void* const memory = std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}

}  // namespace

// The whole test program allocates through these functions.
void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

using namespace weir;

namespace {

std::size_t drained(decoder& decode) {
    std::size_t messages = 0;
    for (;;) {
        const auto step = decode.next();
        if (step.what == decoder::more) return messages;
        if (step.what != decoder::message) return SIZE_MAX / 2;  // the caller's check of the count then fails
        ++messages;
    }
}

}  // namespace

TEST_CASE("decoding allocates nothing for a message, whole or partial") {
    for (const char* const text : {"lines", "lines:crlf", "len8", "len32", "len16le,offset=3", "len32,check=crc32",
                                   "lines,check=sum8", "len32,header=keep"}) {
        CAPTURE(std::string(text));
        const auto described = *framing::parse(text);
        const encoder encode(described);
        buffer stream;
        const std::string header(std::string(text).find("keep") == std::string::npos ? "" : std::string("\0\0\0\5", 4));
        for (int i = 0; i < 5000; ++i) REQUIRE(encode.encode(header + "hello", stream));
        decoder decode(described);
        std::size_t messages = 0;
        // Pieces of 1 to 97 bytes. Allocations in the first 200 pieces do not count: the buffer of the decoder grows.
        std::size_t before = 0;
        std::size_t fed = 0;
        for (std::size_t piece = 0; fed < stream.size(); ++piece) {
            if (piece == 200) before = allocations;
            const std::size_t size = std::min(piece % 97 + 1, stream.size() - fed);
            decode.feed(stream.view().part(fed, size));
            fed += size;
            messages += drained(decode);
        }
        CHECK(allocations == before);
        CHECK(messages == 5000);
    }
}

TEST_CASE("a stream of whole messages allocates nothing, from its beginning to its end") {
    for (const char* const text : {"lines", "len32", "fixed:5", "varint", "netstring", "len32,check=crc32",
                                   "delimited:7e", "delimited:7e,start=7e"}) {
        CAPTURE(std::string(text));
        const auto described = *framing::parse(text);
        const encoder encode(described);
        buffer stream;
        for (int i = 0; i < 3; ++i) REQUIRE(encode.encode("hello", stream));
        const std::size_t before = allocations;
        decoder decode(described);
        CHECK(decode.next().what == decoder::more);
        decode.feed(stream.view());
        CHECK(drained(decode) == 3);
        decode.feed(stream.view());
        CHECK(drained(decode) == 3);
        decode.finish();
        CHECK(decode.next().what == decoder::end);
        CHECK(decode.next().what == decoder::end);
        CHECK(allocations == before);
    }
}

TEST_CASE("encoding into a buffer that has room allocates nothing") {
    for (const char* const text : {"lines", "len32", "len32,check=crc32c,cover=frame", "lines:crlf,check=xor8"}) {
        CAPTURE(std::string(text));
        const encoder encode(*framing::parse(text));
        buffer out;
        static_cast<void>(out.prepare(1 << 16));
        const std::size_t before = allocations;
        for (int i = 0; i < 1000; ++i) REQUIRE(encode.encode("hello", out));
        CHECK(allocations == before);
    }
}

TEST_CASE(
    "a length over the limit is refused before memory is allocated for it, and a partial message uses memory for its "
    "bytes, not for its announced size") {
    decoder decode(framing::len32());
    const bytes refused{0x80, 0, 0, 0, 'x'};
    largest = 0;
    decode.feed(refused);
    CHECK(decode.next().what == decoder::failed);
    CHECK(largest < 512);
    decoder partial(framing::len32().max_none());
    const bytes announced{0x7f, 0xff, 0xff, 0xff, 'x'};
    largest = 0;
    partial.feed(announced);
    CHECK(partial.next().what == decoder::more);
    CHECK(decoder_memory::held(partial) == 5);
    CHECK(largest < 512);
}

TEST_CASE("a byte is examined a constant number of times, however large the message is") {
    for (const char* const text : {"lines,max=none", "len32,max=none", "len8,offset=200,counts=payload"}) {
        for (const std::size_t piece : {1u, 7u, 4096u, 65536u}) {
            const auto described = *framing::parse(text);
            const encoder encode(described);
            buffer stream;
            const bool small = described.fields().width == 1;
            for (int i = 0; i < 3; ++i) REQUIRE(encode.encode(std::string(small ? 255 : 300'000, 'x'), stream));
            decoder decode(described);
            std::size_t messages = 0;
            for (std::size_t fed = 0; fed < stream.size();) {
                const std::size_t size = std::min<std::size_t>(piece, stream.size() - fed);
                decode.feed(stream.view().part(fed, size));
                fed += size;
                messages += drained(decode);
            }
            CHECK(messages == 3);
            CHECK(decode.looked() <= 2 * stream.size());
        }
    }
}

TEST_CASE("after an oversize message no byte is examined again") {
    buffer stream;
    for (int i = 0; i < 2000; ++i) stream.append(i % 2 == 0 ? "ab\n" : "c\n");
    for (const char* const text : {"lines,max=1,oversize=stream", "lines,max=1,oversize=skip"}) {
        decoder decode(*framing::parse(text));
        decode.feed(stream.view());
        while (decode.next().what != decoder::more) {
        }
        CHECK(decode.looked() <= 3 * stream.size());
    }
}

TEST_CASE("the end of an oversize message is searched for only once") {
    decoder decode(*framing::parse("delimited:0000,max=0,oversize=stream,check=xor8"));
    std::string stream;
    for (int i = 0; i < 100; ++i) stream += std::string("ab\x03\0\0", 5);
    decode.feed(stream);
    std::size_t messages = 0;
    for (auto step = decode.next(); step.what != decoder::more; step = decode.next()) {
        REQUIRE(step.what == decoder::piece);
        messages += step.last ? 1u : 0u;
    }
    CHECK(messages == 100);
    CHECK(decode.looked() <= 2 * stream.size());
}

TEST_CASE("a wrong byte in an oversize message that is returned in pieces is examined once") {
    decoder decode(*framing::parse("delimited:0000,escape=0d01:0d/0d02:00/0d03:01,max=1,oversize=stream"));
    const std::string stream = "aaaa\r" + std::string(1000, 'a');
    decode.feed(stream);
    while (decode.next().what == decoder::piece) {
    }
    CHECK(decode.failed_at() == 4);
    CHECK(decode.looked() <= 2 * stream.size());
}

TEST_CASE("packing a record into a buffer with room and unpacking it allocate nothing") {
    struct reading {
        std::uint32_t id;
        std::array<char, 16> name;
        std::array<float, 2> values;
        bool valid;
    };
    const auto codec = record("!I16s2e?", &reading::id, &reading::name, &reading::values, &reading::valid);
    const auto layout = record_layout::parse("!I16s2e?");
    REQUIRE(layout);
    buffer out;
    out.prepare(1000 * (codec.size() + layout->size()));
    std::uint32_t ids = 0;
    const std::size_t before = allocations;
    for (std::uint32_t i = 0; i < 1000; ++i) {
        bool packed = static_cast<bool>(codec.pack(reading{i, {'x'}, {1, 2}, true}, out));
        packed = packed && layout->pack({i, "x", 1, 2, true}, out);
        const auto came = codec.unpack(out.view().from(out.size() - codec.size()));
        ids += packed && came ? came->id : 0;
    }
    CHECK(allocations == before);
    CHECK(ids == 999 * 1000 / 2);
    CHECK(out.size() == 2000 * codec.size());
}

TEST_CASE("a decoder that continues with another framing decodes whole messages without an allocation") {
    decoder moving(framing::lines());
    const framing sized = framing::len8();
    moving.feed("a line\n");
    CHECK(moving.next().what == decoder::message);
    CHECK(moving.next().what == decoder::more);
    const std::size_t before = allocations;
    moving.switch_to(sized);
    decoder_memory::continue_at(moving, 1000);
    moving.feed("\14abcdefghijkl\12mnopqrstuv");
    const auto first = moving.next();
    const auto second = moving.next();
    CHECK(moving.next().what == decoder::more);
    CHECK(allocations == before);
    CHECK(first.payload.text() == "abcdefghijkl");
    CHECK(second.payload.text() == "mnopqrstuv");
    CHECK(moving.offset() == 1024);
}
