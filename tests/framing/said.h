// The results of decoder and encoder as text, for the tests on literal bytes.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "weir/base/text.h"
#include "weir/framing/decoder.h"
#include "weir/framing/decoder_memory.h"
#include "weir/framing/encoder.h"

namespace weir_test {

using namespace weir;

// Feeds a decoder these bytes and the end of the stream. Returns its events as text.
inline std::string decoded(const framing& described, bytes_view stream, bool finished = true) {
    decoder decode(described);
    decode.feed(stream);
    std::string said;
    for (;;) {
        const decoder::event step = decode.next();
        switch (step.what) {
            case decoder::message: said += "<" + std::string(step.payload.text()) + ">"; break;
            case decoder::piece: said += "{" + std::string(step.payload.text()) + (step.last ? "}" : ""); break;
            case decoder::skipped: said += "-" + std::to_string(step.size); break;
            case decoder::end: return said + " end";
            case decoder::failed:
                return said + " " + std::string(to_string(decode.failure().code())) + " at " +
                       std::to_string(decode.failed_at()) + ": " + std::string(decode.failure().detail());
            case decoder::more:
                if (!finished) return said + " more, held " + std::to_string(decoder_memory::held(decode));
                decode.finish();
        }
    }
}

inline std::string decoded(const char* framing_text, bytes_view stream, bool finished = true) {
    return decoded(*framing::parse(framing_text), stream, finished);
}

// Returns the frame of this payload, or the error text. Checks that the other functions of the encoder agree.
inline std::string encoded(const framing& described, bytes_view payload) {
    const encoder encode(described);
    buffer out;
    const auto done = encode.encode(payload, out);
    const std::string frame = done ? std::string(out.view().text()) : std::string(done.error().detail());

    buffer content;
    content.append(payload);
    const auto there = encode.encode_in_place(content);
    const std::string in_place = there ? std::string(content.view().text()) : std::string(there.error().detail());
    if (in_place != frame) return "in place: " + in_place;
    if (!there && !content.empty()) return "in place: not emptied";

    buffer front;
    buffer back;
    const auto parts = encode.encode_around(payload, front, back);
    if (parts && !*parts) return front.empty() && back.empty() ? frame : "around: something, and yet none";
    const std::string around = parts
                                   ? std::string(front.view().text()).append(payload.text()).append(back.view().text())
                                   : std::string(parts.error().detail());
    return around == frame ? frame : "around: " + around;
}

inline std::string encoded(const char* framing_text, bytes_view payload) {
    return encoded(*framing::parse(framing_text), payload);
}

// Returns why a text is no framing.
inline std::string refusal(std::string_view text) {
    const auto made = framing::parse(text);
    if (made) return "accepted as " + made->to_string();
    CHECK(made == errc::malformed);
    CHECK(made.error().operation() == "framing");
    return std::string(made.error().detail());
}

// Checks that the frames decode to these messages, and that the messages encode to the frames.
inline void both_ways(const char* framing_text, const char* wire_hex, const std::vector<bytes>& messages) {
    CAPTURE(std::string(framing_text));
    const auto described = framing::parse(framing_text);
    REQUIRE_MESSAGE(described, described.error().message());
    const auto wire = parse_hex(wire_hex);
    REQUIRE(wire);
    decoder decode(*described);
    decode.feed(*wire);
    decode.finish();
    buffer again;
    for (const auto& message : messages) {
        const auto step = decode.next();
        if (step.what == decoder::failed) FAIL(decode.failure().message());
        REQUIRE(step.what == decoder::message);
        CHECK(to_hex(step.payload) == to_hex(message));
        REQUIRE(encoder(*described).encode(message, again));
    }
    CHECK(decode.next().what == decoder::end);
    CHECK(to_hex(again.view()) == wire_hex);
}

}  // namespace weir_test
