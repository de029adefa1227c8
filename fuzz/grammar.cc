// Fuzzes the parsers of framings and addresses. The parser either refuses a text with a reason, or returns a value.
// This value, printed and parsed again, must give an equal value. Input that begins with the byte 0xff consists of
// choices. From the choices the program makes a description, which may contradict itself. The library must refuse it
// with a reason, or print it as a text that parses to an equal framing. The text of a custom framing must not parse to
// an equal one. The text is then changed and tested like any other.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tests/laws/any_framing.h"
#include "weir/base/address.h"
#include "weir/framing/framing.h"

namespace {

using weir::framing;
using weir::framing_kind;

[[noreturn]] void broken(const std::string& what, std::string_view text) {
    std::fprintf(stderr, "%s: %.*s\n", what.c_str(), static_cast<int>(text.size()), text.data());
    std::abort();
}

template <class Value>
void survives_text(std::string_view text) {
    const auto parsed = Value::parse(text);
    if (!parsed) {
        if (parsed.error().detail().empty()) broken("refused without a reason", text);
        return;
    }
    const std::string printed = parsed->to_string();
    const auto again = Value::parse(printed);
    if (!again || !(*again == *parsed) || again->to_string() != printed) broken("no round trip: " + printed, text);
}

framing_kind any_kind(weir::choices& draw) { return *any_framing::kind_of(draw.one_of(any_framing::kind_words)); }

std::string any_name(weir::choices& draw) {
    constexpr std::string_view taken[] = {"fix", "lines", "len32le", "a b", "My-own_2.1"};
    if (draw.flip()) return std::string(draw.one_of(taken));
    const weir::bytes letters = draw.content(static_cast<std::size_t>(draw.below(4)));
    return std::string(letters.view().text());
}

void survives_description(weir::choices& draw) {
    static const framing lines = framing::lines();
    weir::description fields = any_framing::describe(draw, any_kind(draw));
    if (draw.one_in(4)) fields.kind = any_kind(draw);  // with the options of another kind
    if (draw.one_in(8)) {
        fields.kind = framing_kind::custom;
        fields.name = any_name(draw);
        fields.own = {std::shared_ptr<void>(), &lines.machine()};
    }
    const auto made = framing::make(fields);
    if (!made) {
        if (made.error().detail().empty()) broken("refused without a reason", made.error().subject());
        return;
    }
    std::string text = made->to_string();
    const auto parsed = framing::parse(text);
    const bool same = parsed && *parsed == *made;
    if (same == (fields.kind == framing_kind::custom)) {
        broken(!parsed ? parsed.error().message() : "parses to another framing: " + parsed->to_string(), text);
    }
    for (auto each = draw.part(); draw.flip(); each.next()) {
        constexpr std::string_view words[] = {"",   ",", "=",    ":",  "/",     "\"",
                                              "\\", "0", "none", "le", "max=1", "cover=frame"};
        const auto place = static_cast<std::size_t>(draw.between(0, text.size()));
        text.replace(place, static_cast<std::size_t>(draw.below(4)), draw.one_of(words));
    }
    survives_text<framing>(text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const weir::bytes_view content(reinterpret_cast<const std::byte*>(data), size);
    if (size != 0 && data[0] == 0xff) {
        weir::choices draw = weir::choices::fuzzed(content.from(1));
        survives_description(draw);
        return 0;
    }
    survives_text<framing>(content.text());
    survives_text<weir::address>(content.text());
    return 0;
}
