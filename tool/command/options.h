// A command line, parsed with the option table: which options were given, and their values as text. values.h converts
// the values.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tool/command/option_table.h"

namespace weir_tool {

// The options and arguments that were given to a command.
class given {
public:
    explicit given(const command& which) noexcept : command_(&which) {}

    const command& which() const noexcept { return *command_; }
    // Whether the option or argument was given; false for a default.
    bool said(std::string_view name) const { return values_.contains(name); }
    // Returns the value of an option or an argument: the given one, otherwise the default.
    std::string_view text(std::string_view name) const;

    void set(std::string_view name, std::string value) { values_[std::string(name)] = std::move(value); }

private:
    const command* command_;
    std::map<std::string, std::string, std::less<>> values_;
};

// Parses the words after the command's name. Leaves `trouble` empty, or sets it to a sentence about the error. With
// --help, missing arguments are not an error; the result then contains `help`.
given parse_options(const command& which, const std::vector<std::string>& words, std::string& trouble);

}  // namespace weir_tool
