// The laws catch planted bugs: in decoders that were written with knowledge of the laws, and in decoders that were
// written without it.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <string>
#include <string_view>

#include "planted_known.h"
#include "planted_length.h"
#include "planted_lines.h"
#include "planted_others.h"
#include "planted_unseen.h"
#include "tests/law_effort.h"
#include "weir/base/internal/random.h"
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
