// Real protocols, each by one line of text, on bytes from specifications and well-known programs.
#include <doctest/doctest.h>

#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "protocols_computers.h"
#include "protocols_devices.h"
#include "said.h"
#include "weir/base/text.h"
#include "weir/framing/decoder.h"

using namespace weir;
using weir_test::both_ways;
using weir_test::protocol;

namespace {

std::vector<protocol> all_protocols() {
    std::vector<protocol> rows(std::begin(weir_test::protocols_of_computers),
                               std::end(weir_test::protocols_of_computers));
    rows.insert(rows.end(), std::begin(weir_test::protocols_of_devices), std::end(weir_test::protocols_of_devices));
    return rows;
}

// A row, without its marks.
struct sample {
    std::string wire;  // in hex
    std::vector<bytes> messages;
};

sample read(const protocol& row) {
    const std::string_view marked = row.wire;
    const bool brackets = marked.find('[') != std::string_view::npos;
    sample all;
    std::vector<std::string> messages;
    bool inside = !brackets;
    if (inside) messages.emplace_back();
    for (const char c : marked) {
        switch (c) {
            case '|': messages.emplace_back(); continue;
            case '[':
                messages.emplace_back();
                inside = true;
                continue;
            case ']': inside = false; continue;
            default: all.wire += c;
        }
        if (inside) messages.back() += c;
    }
    if (row.stuffed != nullptr) messages = {row.stuffed};
    for (const auto& message : messages) {
        const auto content = parse_hex(message);
        REQUIRE_MESSAGE(content, message);
        all.messages.push_back(*content);
    }
    return all;
}

// What a decoder returned for some bytes and the end of the stream.
struct outcome {
    std::vector<bytes> messages;
    std::string failure;  // empty at a clean end

    friend bool operator==(const outcome&, const outcome&) = default;
};

// Feeds each piece when the decoder asks for more, and then the end of the stream.
outcome decoded_in(const framing& described, const std::vector<bytes_view>& pieces) {
    decoder decode(described);
    outcome all;
    for (auto next = pieces.begin();;) {
        const auto step = decode.next();
        switch (step.what) {
            case decoder::message: all.messages.emplace_back(step.payload); break;
            case decoder::end: return all;
            case decoder::failed: all.failure = decode.failure().detail(); return all;
            case decoder::more:
                if (next == pieces.end()) {
                    decode.finish();
                } else {
                    decode.feed(*next++);
                }
                break;
            default: FAIL("no message is over the limit");
        }
    }
}

}  // namespace

TEST_CASE("the bytes of each protocol decode to its messages, and the messages encode to the bytes") {
    for (const auto& row : all_protocols()) {
        CAPTURE(std::string(row.name));
        const auto one = read(row);
        both_ways(row.text, one.wire.c_str(), one.messages);
    }
}

TEST_CASE("each cut of the bytes into two pieces gives the same messages") {
    for (const auto& row : all_protocols()) {
        CAPTURE(std::string(row.name));
        const auto one = read(row);
        const auto described = *framing::parse(row.text);
        const bytes wire = *parse_hex(one.wire);
        for (std::size_t cut = 1; cut < wire.size(); ++cut) {
            CAPTURE(cut);
            const auto result = decoded_in(described, {wire.view().first(cut), wire.view().from(cut)});
            CHECK(result == outcome{one.messages, ""});
        }
    }
}

TEST_CASE("without its last byte the last message is not delivered") {
    for (const auto& row : all_protocols()) {
        CAPTURE(std::string(row.name));
        const auto one = read(row);
        const bytes wire = *parse_hex(one.wire);
        const auto result = decoded_in(*framing::parse(row.text), {wire.view().first(wire.size() - 1)});
        CHECK_FALSE(result.failure.empty());
        CHECK(result.messages == std::vector<bytes>(one.messages.begin(), one.messages.end() - 1));
    }
}

TEST_CASE("the line of each protocol prints as an equal line, and no name occurs twice") {
    std::set<std::string> names;
    for (const auto& row : all_protocols()) {
        CAPTURE(std::string(row.name));
        const auto described = framing::parse(row.text);
        REQUIRE(described);
        CHECK(*framing::parse(described->to_string()) == *described);
        CHECK(names.insert(row.name).second);
    }
}
