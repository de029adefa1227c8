#include "tool/command/help.h"

#include <fmt/format.h>

#include <weir/base/version.h>
#include <algorithm>
#include <iterator>

namespace weir_tool {
namespace {

constexpr std::size_t line_width = 100;
constexpr char unbreakable_space = '\v';  // in a row's text: printed as a space, but a line never breaks there

// Appends a row of two columns: the words to type, and their meaning. Lines break between words.
void put_row(std::string& text, std::string_view left, std::string_view right, std::size_t left_width) {
    const std::size_t indent = 2 + left_width + 2;
    std::string line = fmt::format("  {:<{}}", left, left_width + 1);
    bool fresh = left.size() > left_width;
    if (fresh) {
        text += fmt::format("  {}\n", left);
        line = std::string(indent - 1, ' ');
    }
    std::size_t words = 0;
    while (!right.empty()) {
        const std::size_t length = std::min(right.find(' '), right.size());
        if (words != 0 && line.size() + 1 + length > line_width) {
            text += line + "\n";
            line = std::string(indent - 1, ' ');
            words = 0;
        }
        line += ' ';
        line += right.substr(0, length);
        ++words;
        right.remove_prefix(std::min(length + 1, right.size()));
    }
    text += line + "\n";
    std::replace(text.begin(), text.end(), unbreakable_space, ' ');
}

void put_options(std::string& text, std::span<const option> options) {
    text += "\nOptions\n";
    for (const auto& one : options) {
        const std::string letter = one.letter == 0 ? "   " : fmt::format("-{},", one.letter);
        const std::string left = fmt::format("{} --{}{}{}", letter, one.name, one.value.empty() ? "" : " ", one.value);
        std::string right(one.help);
        if (!one.otherwise.empty()) right += fmt::format(" (default:{}{})", unbreakable_space, one.otherwise);
        put_row(text, left, right, 23);
    }
}

std::string usage_of(const command& which) {
    std::string text = fmt::format("Usage: weir {}", which.name);
    for (const auto& one : which.arguments)
        text += one.optional ? fmt::format(" [{}]", one.name) : fmt::format(" {}", one.name);
    for (const auto& one : which.options) {
        if (one.required) text += fmt::format(" -{} {}", one.letter, one.value);
    }
    return text + " [OPTIONS]\n";
}

}  // namespace

std::string version_text() { return fmt::format("weir {}\n", weir::version); }

std::string help_text() {
    std::string text =
        "weir sends and receives messages; netcat sends and receives bytes.\n\n"
        "Usage: weir COMMAND [ARGUMENTS] [OPTIONS]\n\nCommands\n";
    for (const auto& one : commands()) put_row(text, one.name, one.summary, 10);
    put_options(text, common_options());
    text += "\nExamples\n";
    for (const auto& one : commands()) text += fmt::format("  {}\n", one.examples.front().line);
    text +=
        "\nExit codes: 0 success, 1 failure, 2 usage, 3 the peer broke the framing, 4 timeout, 130/143 by "
        "signal.\n"
        "`weir COMMAND --help` describes a command in full.\n";
    return text;
}

std::string help_text(const command& which) {
    std::string text = usage_of(which);
    text += fmt::format("\n{}\n", which.description);
    if (!which.arguments.empty()) text += "\nArguments\n";
    for (const auto& one : which.arguments) put_row(text, one.name, one.help, 23);
    put_options(text, which.options);
    text += "\nExamples\n";
    for (const auto& one : which.examples) text += fmt::format("  {}\n      {}\n", one.line, one.help);
    text += "\nExit codes\n";
    for (const auto& one : which.exits) put_row(text, one.code, one.meaning, 4);
    return text;
}

}  // namespace weir_tool
