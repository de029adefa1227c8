#include "tool/explain/frame_drawing.h"

#include <fmt/format.h>

#include <algorithm>

#include <weir/base/text.h>

#include "tool/command/talk.h"
#include "tool/explain/anatomy.h"
#include "tool/terminal/json.h"

namespace weir_tool {
namespace {

constexpr std::size_t bytes_a_row = 16;

std::string hex_row(weir::bytes_view content) {
    std::string row;
    for (const auto byte : content) row += fmt::format("{:02x} ", std::to_integer<unsigned>(byte));
    return row;
}

// Draws rows of bytes with offset and hex digits; the first row also has the name and the meaning.
std::string rows(std::uint64_t offset, weir::bytes_view content, std::string_view section, std::string_view title,
                 std::string_view meaning, std::uint64_t most) {
    std::string text;
    const auto shown =
        static_cast<std::size_t>(std::min<std::uint64_t>(content.size(), std::max<std::uint64_t>(most, 1)));
    for (std::size_t at = 0; at == 0 || at < shown; at += bytes_a_row) {
        const weir::bytes_view row = content.part(at, std::min(bytes_a_row, shown - at));
        const bool first = at == 0;
        std::string line = fmt::format("{:>8}  {:<48} {:<8} {:<10} {}", offset + at, hex_row(row), first ? section : "",
                                       first ? title : "", first ? meaning : "");
        if (section == "payload" && title == "payload") {
            line = fmt::format("{:>8}  {:<48} {:<8} {:<17} {}", offset + at, hex_row(row), first ? section : "",
                               first ? meaning : "", legible(row));
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
    if (shown < content.size()) text += fmt::format("{:>8}  ... {} more\n", "", weir::say_size(content.size() - shown));
    return text;
}

std::string draw_parts(const frame_walk::step& step, const std::vector<found_part>& parts, std::uint64_t most) {
    std::string text;
    for (const auto& one : parts) {
        if (one.size == 0 && one.kind != part_kind::payload) continue;
        const std::string meaning = one.wrong ? "WRONG " + one.meaning : one.meaning;
        text += rows(step.offset + one.offset, one.content, section_of(one.kind), one.name, meaning, most);
    }
    return text;
}

json_object part_object(const frame_walk::step& step, const found_part& one) {
    json_object made;
    made.add("part", one.name).add("section", section_of(one.kind)).add("offset", step.offset + one.offset);
    made.add("size", one.size).add("meaning", one.meaning);
    if (one.kind != part_kind::payload) made.add("hex", weir::to_hex(one.content));
    return made;
}

std::vector<json_object> part_objects(const frame_walk::step& step, const std::vector<found_part>& parts) {
    std::vector<json_object> all;
    all.reserve(parts.size());
    for (const auto& one : parts) {
        if (one.size != 0 || one.kind == part_kind::payload) all.push_back(part_object(step, one));
    }
    return all;
}

// Draws the part of a broken frame around the wrong byte: its row and the row before.
std::string rows_around(const frame_walk::step& step) {
    const std::uint64_t wrong = step.wrong_at - step.offset;
    std::uint64_t begin = wrong / bytes_a_row * bytes_a_row;
    if (begin >= bytes_a_row) begin -= bytes_a_row;
    begin = std::min<std::uint64_t>(begin, step.content.size());
    std::string text;
    for (std::uint64_t at = begin;
         at < step.content.size() && at <= wrong + bytes_a_row && at < begin + 3 * bytes_a_row; at += bytes_a_row) {
        const weir::bytes_view rest = step.content.from(static_cast<std::size_t>(at));
        const weir::bytes_view row = rest.first(std::min(rest.size(), bytes_a_row));
        text += fmt::format("{:>8}  {:<48} {}\n", step.offset + at, hex_row(row), legible(row));
        if (wrong >= at && wrong < at + row.size())
            text += fmt::format("{:>8}  {:>{}}^^ {}\n", "", "", 3 * (wrong - at), "here");
    }
    return text;
}

}  // namespace

std::string legible(weir::bytes_view content) {
    std::string text;
    std::string_view rest = content.text();
    while (!rest.empty()) {
        const std::size_t length = utf8_length(rest);
        const char first = rest.front();
        const bool shown =
            length > 1 ? first != '\xc2' : length == 1 && first >= ' ' && first != '\x7f';  // U+0080..BF: controls
        text += shown ? rest.substr(0, length) : std::string_view(".");
        rest.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return text;
}

std::string frame_drawing::draw_whole(const frame_walk::step& step) const {
    std::string text = fmt::format("frame {} at {}: {}\n", number_, step.offset, weir::say_size(step.size));
    return text + draw_parts(step, dissect(described_, step.content, true), manner_.most_bytes);
}

std::string frame_drawing::draw_broken(const frame_walk::step& step) const {
    if (step.what == frame_walk::truncated) {
        return fmt::format("frame {} at {} is truncated: {}\n", number_, step.offset, step.why) +
               draw_parts(step, dissect(described_, step.content, false), manner_.most_bytes);
    }
    std::string text =
        fmt::format("frame {} at {} is BROKEN at {}: {}\n", number_, step.offset, step.wrong_at, step.why);
    std::uint64_t looked = 0;
    const auto said = described_.machine().measure({step.content, 0, false}, looked);
    const std::uint64_t whole = said.header + said.body + said.trailer;
    // If the extent of a broken frame is known, draws it in its parts.
    if (said.what == weir::verdict::answer::frame && whole <= step.content.size()) {
        return text + draw_parts(step, dissect(described_, step.content.first(static_cast<std::size_t>(whole)), false),
                                 manner_.most_bytes);
    }
    return text + rows_around(step);
}

std::string frame_drawing::draw_text(const frame_walk::step& step) {
    switch (step.what) {
        case frame_walk::frame: return draw_whole(step);
        case frame_walk::piece:
            if (!step.last) return {};
            return fmt::format("frame {} at {}: a message of {}, over the limit\n", number_, step.offset,
                               weir::say_size(passed_));
        case frame_walk::skipped:
            return fmt::format("frame {} at {}: skipped, a message of {} over the limit\n", number_, step.offset,
                               weir::say_size(step.size));
        case frame_walk::broken:
        case frame_walk::truncated: return draw_broken(step);
        case frame_walk::resumed: return fmt::format("a guess: from {} on the stream decodes again\n", step.offset);
        case frame_walk::lost:
            return fmt::format("no place in the {} after its beginning from which the stream decodes again\n",
                               weir::say_size(step.size));
        default: return {};
    }
}

std::string frame_drawing::draw_json(const frame_walk::step& step) const {
    switch (step.what) {
        case frame_walk::frame: {
            json_object made("frame");
            made.add("number", number_).add("offset", step.offset).add("size", step.size);
            made.add("parts", part_objects(step, dissect(described_, step.content, true)));
            return made.add_payload(step.payload).line();
        }
        case frame_walk::piece: {
            json_object made("piece");
            made.add("number", number_).add("offset", step.offset).add("last", step.last);
            return made.add_payload(step.payload).line();
        }
        case frame_walk::skipped:
            return json_object("skipped")
                .add("number", number_)
                .add("offset", step.offset)
                .add("size", step.size)
                .line();
        case frame_walk::broken:
        case frame_walk::truncated: {
            json_object made(step.what == frame_walk::broken ? "broken" : "truncated");
            made.add("number", number_)
                .add("offset", step.offset)
                .add("wrong_at", step.wrong_at)
                .add("reason", step.why);
            const auto shown = step.content.first(std::min<std::size_t>(step.content.size(), 256));
            return made.add("begins_hex", weir::to_hex(shown)).line();
        }
        case frame_walk::resumed: return json_object("resumed").add("offset", step.offset).add("guess", true).line();
        case frame_walk::lost: return json_object("lost").add("searched", step.size).line();
        default: return {};
    }
}

std::string frame_drawing::draw(const frame_walk::step& step) {
    if (step.what == frame_walk::more || step.what == frame_walk::end) return {};
    const bool goes_on = step.what == frame_walk::resumed || step.what == frame_walk::lost || in_pieces_;
    if (!goes_on) ++number_;
    passed_ = step.what == frame_walk::piece ? (in_pieces_ ? passed_ : 0) + step.payload.size() : 0;
    in_pieces_ = step.what == frame_walk::piece && !step.last;
    if (step.what == frame_walk::frame || (step.what == frame_walk::piece && step.last)) ++frames_;
    if (step.what == frame_walk::broken || step.what == frame_walk::truncated) ++breaks_;
    return manner_.json ? draw_json(step) : draw_text(step);
}

std::string frame_drawing::sum_up(std::uint64_t bytes_read) const {
    if (manner_.json) {
        return json_object("summary")
            .add("framing", described_.to_string())
            .add("bytes", bytes_read)
            .add("frames", frames_)
            .add("breaks", breaks_)
            .line();
    }
    return fmt::format("{} in {} as {}{}\n", count(frames_, "whole frame"), weir::say_size(bytes_read),
                       described_.to_string(), breaks_ == 0 ? "" : fmt::format("; broken {}", count(breaks_, "time")));
}

}  // namespace weir_tool
