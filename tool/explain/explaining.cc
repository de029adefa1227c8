#include "tool/explain/explaining.h"

#include <fmt/format.h>

#include <algorithm>

#include "tool/terminal/json.h"

namespace weir_tool {
namespace {

constexpr std::size_t ranks_shown = 5;
constexpr std::size_t names_shown = 4;

std::string rank_line(std::size_t number, const rank& one) {
    std::string names;
    for (std::size_t i = 0; i < std::min(one.framings.size(), names_shown); ++i) {
        names += (i == 0 ? "" : ", ") + one.framings[i].to_string();
    }
    const std::size_t more = one.framings.size() - std::min(one.framings.size(), names_shown);
    if (more != 0) names += fmt::format(" and {} more", more);
    const std::string_view fit = one.framings.size() == 1   ? ""
                                 : one.framings.size() == 2 ? " (both fit)"
                                                            : " (all fit)";
    return fmt::format("{}. {}{}\n   {}\n", number, names, fit, one.why);
}

std::string rank_object(std::size_t number, const rank& one) {
    std::vector<std::string> names;
    for (const auto& described : one.framings) names.push_back(described.to_string());
    return json_object("guess")
        .add("rank", number)
        .add("framings", names)
        .add("reason", one.why)
        .add("explains_well", one.explains_well)
        .line();
}

}  // namespace

shown_bytes::shown_bytes(std::optional<dump_kind> kind) : kind_(kind) { prepare(); }

void shown_bytes::prepare() {
    if (kind_ && *kind_ != dump_kind::raw) reader_ = std::make_unique<dump_reader>(*kind_);
}

std::string shown_bytes::take(weir::bytes_view came, bool ended, weir::buffer& out) {
    weir::bytes_view content = came;
    if (!kind_) {
        beginning_.append(came);
        kind_ = recognised_ = recognise_dump(beginning_.view(), ended);
        if (!kind_) return {};
        prepare();
        content = beginning_.view();
    }
    std::string wrong;
    if (reader_ == nullptr) {
        out.append(content);
    } else {
        wrong = reader_->feed(content, out);
        if (wrong.empty() && ended) wrong = reader_->finish(out);
    }
    beginning_.release();
    return wrong;
}

bool explanation::feed(weir::bytes_view content) {
    bytes_ += content.size();
    walk_.feed(content);
    return draw() && to_({}, true);
}

bool explanation::finish() {
    walk_.finish();
    return draw() && to_(drawing_.sum_up(bytes_), true);
}

bool explanation::draw() {
    while (!over_) {
        const auto step = walk_.next();
        if (step.what == frame_walk::more) return true;
        over_ = step.what == frame_walk::end;
        // Shows a broken frame before the search for the place where the stream decodes again.
        if (!to_(drawing_.draw(step), step.what == frame_walk::broken)) return false;
    }
    return true;
}

std::string guess_text(const std::vector<rank>& ranks, bool json) {
    std::string text;
    if (!json) {
        text = ranks.front().explains_well
                   ? "framings that fit, the likeliest first:\n"
                   : "no framing explains these bytes well; those that decode them, the likeliest first:\n";
    }
    for (std::size_t i = 0; i < std::min(ranks.size(), ranks_shown); ++i) {
        text += json ? rank_object(i + 1, ranks[i]) : rank_line(i + 1, ranks[i]);
    }
    return json ? text : text + fmt::format("as {}:\n", ranks.front().framings.front().to_string());
}

}  // namespace weir_tool
