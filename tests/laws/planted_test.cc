// The laws catch planted bugs: in decoders that were written with knowledge of the laws, and in decoders that were
// written without it.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <string>
#include <string_view>

#include "planted_announced.h"
#include "planted_known.h"
#include "planted_length.h"
#include "planted_lines.h"
#include "planted_others.h"
#include "planted_unseen.h"
#include "tests/law_effort.h"
#include "weir/base/text.h"
#include "weir/framing/laws/laws.h"

using namespace weir;

namespace {

// Returns typical test messages for a framing: some short ones, some that the framing may refuse, and messages of the
// maximum size and of one byte more.
std::vector<bytes> messages_for(const laws::subject& tested) {
    std::vector<bytes> messages{"a", "", "bb", "a\rb", "\r", "end\r", "a\nb", "\n"};
    for (const std::uint64_t size : {tested.limit() - 1, tested.limit(), tested.limit() + 1}) {
        if (size < 2000) messages.emplace_back(std::string(size, 'x'));
    }
    return messages;
}

laws::broken_law broken_by(const laws::subject& tested, const laws::effort& how_far = {}) {
    const auto messages = messages_for(tested);
    if (auto broken = laws::check(tested, messages, how_far)) return broken;
    for (const auto& one : messages) {
        if (auto broken = laws::check(tested, {&one, 1}, how_far)) return broken;
    }
    return {};
}

void catch_all(const std::vector<std::unique_ptr<laws::subject>>& bugs) {
    for (const auto& one : bugs) {
        CHECK_MESSAGE(broken_by(*one), "no law catches: " << one->name());
    }
}

void spare_all(const std::vector<std::unique_ptr<laws::subject>>& sound) {
    for (const auto& one : sound) {
        if (auto broken = broken_by(*one, weir_test::law_effort())) FAIL_CHECK(*broken);
    }
}

// Tests the laws on streams that laws::check() does not draw: with heads, digits and marks of a framing.
laws::broken_law broken_on(const laws::subject& tested, std::span<const bytes> streams,
                           std::span<const bytes> messages) {
    for (const auto& stream : streams) {
        if (auto broken = laws::closure(tested, stream)) return broken;
        if (auto broken = laws::fidelity(tested, stream)) return broken;
        if (auto broken = laws::boundary(tested, stream, messages)) return broken;
        if (auto broken = laws::segmentation(tested, stream, laws::effort::quick())) return broken;
        if (auto broken = laws::finality(tested, stream)) return broken;
        if (auto broken = laws::bounded(tested, stream)) return broken;
        if (auto broken = laws::shift(tested, stream, messages, 1)) return broken;
    }
    return {};
}

// Returns the events of a decoder, one a line, and how the stream ends.
std::string decoded(const laws::subject& tested, bytes_view stream) {
    std::string lines;
    const auto decoding = tested.fresh();
    const auto drain = [&] {
        for (;;) {
            const decoder::event step = decoding->next();
            if (step.what == decoder::more) return true;
            if (step.what == decoder::message) {
                lines += "message " + to_hex(step.payload) + "\n";
                continue;
            }
            if (step.what == decoder::failed)
                lines += std::string(to_string(decoding->failure())) + " at " + std::to_string(decoding->failed_at());
            else lines += "end";
            return false;
        }
    };
    decoding->feed(stream);
    if (!drain()) return lines;
    decoding->finish();
    drain();
    return lines;
}

// Returns how the decoders of weir and of the case differ on the first stream on which they do.
std::optional<std::string> unlike_weir(const planted::announced_case& one, std::span<const bytes> streams) {
    const auto own = laws::subject_of(*framing::parse(one.text));
    for (const auto& stream : streams) {
        const std::string right = decoded(*own, stream);
        const std::string other = decoded(*one.tested, stream);
        // With byte stuffing, weir compares the limit late. Another error behind the limit may come first.
        const auto too_large = to_string(errc::too_large);
        if (one.text.find("escape=") != std::string::npos && other.find(too_large) != std::string::npos &&
            right.find(too_large) == std::string::npos)
            continue;
        if (right != other) return to_hex(stream) + "\nweir:\n" + right + "\n" + one.name + ":\n" + other;
    }
    return std::nullopt;
}

constexpr std::uint64_t streams_seed = 20;
constexpr std::size_t streams_count = 400;

}  // namespace

TEST_CASE("the laws find no fault in correct decoders") {
    spare_all(planted::sound_known());
    spare_all(planted::sound_lines());
    spare_all(planted::sound_length());
    spare_all(planted::sound_unseen());
}

TEST_CASE("the laws catch bugs that were planted with knowledge of the laws") { catch_all(planted::all_known_bugs()); }

TEST_CASE("the laws catch bugs that were planted without knowledge of the laws") {
    catch_all(planted::all_line_bugs());
    catch_all(planted::all_length_bugs());
    catch_all(planted::all_unseen_bugs());
}

TEST_CASE("the report of a broken law has the smallest stream, and its cuts") {
    for (const auto& one : planted::all_known_bugs()) {
        if (one->name() != "lines: a CR is kept when it is split from its LF") continue;
        const auto told = laws::segmentation(*one, "some\nlines\r\nand more\r\n");
        REQUIRE(told);
        CHECK(*told ==
              "the law of segmentation is broken by lines: a CR is kept when it is split from its LF\n"
              "on the stream \"\\r\\n\" (2 bytes)\n"
              "in one piece:  \"\", then the end\n"
              "cut at 1: \"\\r\", then the end");
    }
}

TEST_CASE("the laws find no fault in correct codecs of the other framings") {
    for (const auto& one : planted::sound_others()) {
        if (auto broken = laws::check(*one.buggy, one.messages, weir_test::law_effort()))
            FAIL_CHECK(one.name << "\n" << *broken);
    }
}

TEST_CASE("the laws catch planted mistakes in the other framings") {
    for (const auto& one : planted::planted_others()) {
        CHECK_MESSAGE(laws::check(*one.buggy, one.messages), "no law catches: " << one.name);
    }
}

TEST_CASE("the laws find no fault in planted decoders of announced sizes without a mistake, nor in weir's") {
    for (const auto& one : planted::sound_announced()) {
        const auto streams = planted::drawn_streams(one, streams_count, streams_seed);
        if (auto broken = laws::check(*one.tested, one.messages, weir_test::law_effort())) FAIL_CHECK(*broken);
        if (auto broken = broken_on(*one.tested, streams, one.messages)) FAIL_CHECK(*broken);
        const auto own = laws::subject_of(*framing::parse(one.text));
        if (auto broken = broken_on(*own, streams, one.messages)) FAIL_CHECK(*broken);
    }
}

TEST_CASE("weir's codec agrees with planted ones of announced sizes without a mistake") {
    for (const auto& one : planted::sound_announced()) {
        if (auto unlike = unlike_weir(one, planted::drawn_streams(one, 20 * streams_count, streams_seed)))
            FAIL_CHECK(*unlike);
        const auto own = laws::subject_of(*framing::parse(one.text));
        for (const auto& message : one.messages) {
            buffer right;
            buffer other;
            const bool refused = !own->encode(message, right);
            CHECK_MESSAGE(refused == !one.tested->encode(message, other), one.name << ": " << to_hex(message));
            CHECK_MESSAGE(to_hex(right.view()) == to_hex(other.view()), one.name);
        }
    }
}

TEST_CASE("the laws catch planted mistakes in decoders of announced sizes") {
    for (const auto& one : planted::announced_bugs()) {
        if (one.caught_by != planted::judge::laws) continue;
        if (laws::check(*one.tested, one.messages)) continue;
        const auto streams = planted::drawn_streams(one, streams_count, streams_seed);
        CHECK_MESSAGE(broken_on(*one.tested, streams, one.messages), "no law catches: " << one.name);
    }
}

TEST_CASE("weir's decoder and a planted one differ") {
    for (const auto& one : planted::announced_bugs()) {
        if (one.caught_by != planted::judge::weir) continue;
        CHECK_MESSAGE(unlike_weir(one, planted::drawn_streams(one, streams_count, streams_seed)),
                      "weir's decoder does the same as: " << one.name);
    }
}
