// Fuzzes `weir explain`. The input is any bytes, raw or as a dump, in portions of different sizes; the output is text
// or JSON. The framing is guessed, or is any one of the kind that FRAMING_KIND names (of any kind when it is unset).
// The code must not crash or read past its input. The parts of a frame must together be exactly its bytes, and no part
// of a frame that the decoder accepted may be marked wrong.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/laws/any_framing.h"
#include "tool/explain/anatomy.h"
#include "tool/explain/explaining.h"
#include "weir/base/text.h"
#include "weir/framing/encoder.h"

namespace {

using weir_tool::dump_kind;
using weir_tool::frame_walk;

std::optional<weir::framing_kind> asked;

[[noreturn]] void broken(const char* what, const weir::framing& described, weir::bytes_view content) {
    std::fprintf(stderr, "%s: %s, %s\n", what, described.to_string().c_str(), weir::to_hex(content).c_str());
    std::abort();
}

weir::framing any_described(weir::choices& draw) {
    const auto kind = asked ? *asked : *any_framing::kind_of(draw.one_of(any_framing::kind_words));
    const auto made = weir::framing::make(any_framing::describe(draw, kind));
    return made ? *made : weir::framing::lines();
}

// Returns frames of messages, mixed with bytes that are not frames, and sometimes changed or truncated.
weir::buffer any_stream(weir::choices& draw, const weir::framing& described) {
    const weir::encoder encode(described);
    weir::buffer stream;
    for (auto each = draw.part(); draw.flip(); each.next()) {
        const weir::bytes content = draw.content(static_cast<std::size_t>(draw.below(draw.one_in(8) ? 200 : 24)));
        if (draw.one_in(3) || !encode.encode(content, stream)) stream.append(content);
    }
    if (!stream.empty() && draw.one_in(3)) {
        stream.data()[draw.below(stream.size())] ^= static_cast<std::byte>(draw.between(1, 255));
    }
    if (draw.one_in(4)) stream.truncate(static_cast<std::size_t>(draw.between(0, stream.size())));
    return stream;
}

std::string dumped(weir::choices& draw, weir::bytes_view stream) {
    std::string text;
    for (std::size_t at = 0; at < stream.size(); at += 16) {
        text += weir::to_hex(stream.part(at, std::min<std::size_t>(16, stream.size() - at)));
        text += draw.flip() ? "\n" : " ";
    }
    return text;
}

void parts_are_true(const weir::framing& described, weir::bytes_view stream) {
    frame_walk walk(described);
    walk.feed(stream);
    walk.finish();
    for (auto step = walk.next(); step.what != frame_walk::end; step = walk.next()) {
        if (step.what == frame_walk::more) broken("the walk asks for more after the end", described, stream);
        if (step.what != frame_walk::frame) continue;
        std::string all;
        for (const auto& part : weir_tool::dissect(described, step.content, true)) {
            if (part.wrong) broken("a part of a frame that decodes is marked wrong", described, step.content);
            if (part.offset != all.size()) broken("the parts of a frame have gaps or overlap", described, step.content);
            all += part.content.text();
        }
        if (all != step.content.text()) broken("the parts of a frame are not its bytes", described, step.content);
    }
}

// Performs the same steps as the command.
void explain(weir::bytes_view input, std::optional<dump_kind> kind, const std::optional<weir::framing>& said, bool json,
             std::size_t portion) {
    weir_tool::shown_bytes shown(kind);
    weir::buffer stream;
    std::string trouble;
    for (std::size_t at = 0; trouble.empty() && at < input.size(); at += portion) {
        trouble = shown.take(input.part(at, std::min(portion, input.size() - at)), false, stream);
    }
    if (trouble.empty()) trouble = shown.take({}, true, stream);
    std::string text;
    const auto keep = [&text](std::string_view lines, bool) {
        text += lines;
        return true;
    };
    std::optional<weir::framing> described = said;
    if (!described) {
        const auto ranks = weir_tool::rank_framings(stream.view(), true);
        if (ranks.empty()) return;
        text = weir_tool::guess_text(ranks, json);
        described = ranks.front().framings.front();
    }
    weir_tool::explanation drawn(*described, {.json = json, .most_bytes = portion}, keep);
    for (std::size_t at = 0; at < stream.size(); at += portion) {
        drawn.feed(stream.view().part(at, std::min(portion, stream.size() - at)));
    }
    drawn.finish();
    if (!text.ends_with('\n')) broken("the last line of the text has no line end", *described, stream.view());
    parts_are_true(*described, stream.view());
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    const char* const word = std::getenv("FRAMING_KIND");
    if (word == nullptr) return 0;
    asked = any_framing::kind_of(word);
    if (asked) return 0;
    std::fprintf(stderr, "FRAMING_KIND: there is no kind of framing with this name: %s\n", word);
    std::exit(2);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const weir::bytes_view content(reinterpret_cast<const std::byte*>(data + 1), size - 1);
    const bool json = (data[0] & 1) != 0;
    const bool guessed = (data[0] & 0x32) == 2;  // rarely, because a guess takes as long as a hundred walks
    const std::size_t portion = std::size_t{1} << (data[0] >> 4 & 15);
    if ((data[0] & 4) != 0) {  // the bytes themselves are the input
        const std::optional<dump_kind> kind = (data[0] & 8) != 0 ? std::nullopt : std::optional(dump_kind::raw);
        explain(content, kind, guessed ? std::nullopt : std::optional(weir::framing::lines()), json, portion);
        return 0;
    }
    weir::choices draw = weir::choices::fuzzed(content);
    const weir::framing described = any_described(draw);
    const weir::buffer stream = any_stream(draw, described);
    const std::optional<weir::framing> said = guessed ? std::nullopt : std::optional(described);
    if ((data[0] & 8) != 0) {
        explain(weir::bytes_view(dumped(draw, stream.view())), dump_kind::plain, said, json, portion);
    } else {
        explain(stream.view(), dump_kind::raw, said, json, portion);
    }
    return 0;
}
