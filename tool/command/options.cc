// The only file that uses CLI11. It builds the parser from the option table and replaces the messages of CLI11 with its
// own.
#include "tool/command/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "tool/command/suggestion.h"
#include "tool/command/talk.h"

namespace weir_tool {
namespace {

const option* find_option(const command& which, std::string_view name) {
    const auto found =
        std::find_if(which.options.begin(), which.options.end(), [&](const option& one) { return one.name == name; });
    return found == which.options.end() ? nullptr : &*found;
}

std::string flags_of(const option& one) {
    return one.letter == 0 ? fmt::format("--{}", one.name) : fmt::format("-{},--{}", one.letter, one.name);
}

void declare(CLI::App& app, const command& which) {
    app.set_help_flag();
    app.allow_extras();
    for (const auto& one : which.arguments) app.add_option(std::string(one.name))->take_last();
    for (const auto& one : which.options) {
        if (one.value.empty()) {
            app.add_flag(flags_of(one));
        } else {
            app.add_option(flags_of(one))->take_last();
        }
    }
}

std::string too_many(const command& which, const std::string& word) {
    return fmt::format("unexpected argument {}; see weir {} --help", show(word), which.name);
}

std::string unknown(const command& which, const std::string& word) {
    const std::string name = word.substr(0, word.find('='));
    std::vector<std::string> known;
    for (const auto& one : which.options) known.push_back(fmt::format("--{}", one.name));
    const std::string near = nearest(name, known);
    return fmt::format(
        "there is no option {}; {}", show(name),
        near.empty() ? fmt::format("see weir {} --help", which.name) : fmt::format("did you mean {}?", near));
}

// Returns the error for words that are neither an option nor an argument, or an empty text if there are none. After the
// word `--`, every word is an argument. It reports an unknown option before an argument that only looks superfluous
// because of it.
std::string superfluous(const command& which, std::vector<std::string> words) {
    const auto mark = std::find(words.begin(), words.end(), "--");
    const auto strange = std::find_if(words.begin(), mark, [](const auto& word) { return word.starts_with('-'); });
    if (strange != mark) return unknown(which, *strange);
    if (mark != words.end()) words.erase(mark);
    return words.empty() ? std::string() : too_many(which, words.front());
}

// Finds the option that lacks its value. Messages of CLI11, such as "--idle: 1 required TEXT missing", begin with it.
std::string missing_value(const command& which, std::string_view complaint) {
    for (const auto& one : which.options) {
        if (complaint.starts_with(fmt::format("--{}:", one.name))) {
            return fmt::format("--{} needs a value: {}", one.name, one.value);
        }
    }
    return std::string(complaint);
}

std::string missing_option(const command& which, const given& parsed) {
    for (const auto& one : which.arguments) {
        if (!one.optional && !parsed.said(one.name))
            return fmt::format("the {} is missing; see weir {} --help", one.name, which.name);
    }
    for (const auto& one : which.options) {
        if (one.required && !parsed.said(one.name)) {
            return fmt::format("specify the framing, for example with -f lines; see weir {} --help", which.name);
        }
    }
    for (const auto& one : which.options) {
        if (!one.needs.empty() && parsed.said(one.name) && !parsed.said(one.needs))
            return fmt::format("--{} needs --{}; see weir {} --help", one.name, one.needs, which.name);
    }
    return {};
}

// Finds the first switch that was given a value, such as --json=3.
std::string switch_with_value(CLI::App& app, const command& which) {
    for (const auto& one : which.options) {
        if (!one.value.empty()) continue;
        for (const auto& said : app.get_option(fmt::format("--{}", one.name))->results()) {
            if (said != "true") return fmt::format("--{} takes no value", one.name);
        }
    }
    return {};
}

void collect(CLI::App& app, const command& which, given& parsed) {
    for (const auto& one : which.arguments) {
        const auto* const found = app.get_option(std::string(one.name));
        if (found->count() != 0) parsed.set(one.name, found->results().back());
    }
    for (const auto& one : which.options) {
        const auto* const found = app.get_option(fmt::format("--{}", one.name));
        if (found->count() != 0) parsed.set(one.name, one.value.empty() ? std::string() : found->results().back());
    }
}

}  // namespace

std::string_view given::text(std::string_view name) const {
    if (const auto found = values_.find(name); found != values_.end()) return found->second;
    const option* const known = find_option(*command_, name);
    return known == nullptr ? std::string_view() : known->otherwise;
}

given parse_options(const command& which, const std::vector<std::string>& words, std::string& trouble) {
    given parsed(which);
    CLI::App app;
    declare(app, which);
    try {
        app.parse(std::vector<std::string>(words.rbegin(), words.rend()));  // CLI11 takes them from the back
    } catch (const CLI::ArgumentMismatch& complaint) {
        trouble = missing_value(which, complaint.what());
        return parsed;
    } catch (const CLI::ParseError& complaint) {
        trouble = complaint.what();
        return parsed;
    }
    collect(app, which, parsed);
    if (parsed.said("help")) return parsed;
    trouble = switch_with_value(app, which);
    if (!trouble.empty()) return parsed;
    trouble = superfluous(which, app.remaining());
    if (trouble.empty()) trouble = missing_option(which, parsed);
    return parsed;
}

}  // namespace weir_tool
