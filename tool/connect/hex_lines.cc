#include "tool/connect/hex_lines.h"

#include <fmt/format.h>

#include <weir/base/text.h>

#include "tool/command/talk.h"

namespace weir_tool {
namespace {

constexpr std::size_t most_shown = 61;  // show() shortens text of more than 60 characters

int digit_value(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

void hex_lines::begin_line() {
    content_.clear();
    shown_.clear();
    is_odd_ = has_cr_ = is_wrong_ = is_told_ = false;
    is_empty_ = true;
}

hex_lines::kind hex_lines::next() {
    if (is_told_) begin_line();
    while (!input_.empty()) {
        const char next = input_.text().front();
        input_ = input_.from(1);
        if (next == '\n') return end_line();
        take(next);
        if (is_wrong_ && shown_.size() >= most_shown) return broken;
        if (content_.size() > most_) return broken;
    }
    if (!is_finished_) return more;
    if (is_empty_) return end;
    is_wrong_ = is_wrong_ || has_cr_;  // a CR without an LF is wrong
    return end_line();
}

hex_lines::kind hex_lines::end_line() {
    is_told_ = true;
    is_wrong_ = is_wrong_ || is_odd_;
    if (has_cr_ && shown_.ends_with('\r')) shown_.pop_back();  // the CR is part of the line end
    return is_wrong_ ? broken : message;
}

void hex_lines::take(char next) {
    is_empty_ = false;
    if (shown_.size() < most_shown) shown_ += next;
    is_wrong_ = is_wrong_ || has_cr_;
    has_cr_ = next == '\r';
    if (next == '\r' || next == ' ' || next == '\t') return;
    const int value = digit_value(next);
    if (value < 0) {
        is_wrong_ = true;
    } else if (!is_odd_) {
        is_odd_ = true;
        high_ = static_cast<unsigned>(value);
    } else {
        is_odd_ = false;
        const auto both = static_cast<std::byte>(16 * high_ + static_cast<unsigned>(value));
        content_.append({&both, 1});
    }
}

std::string hex_lines::why() const {
    if (!is_wrong_) return fmt::format("a line of more than {}", weir::say_size(most_));
    return show(shown_) + " does not consist of pairs of hex digits";
}

}  // namespace weir_tool
