// A command line, parsed by the option table: which options were said, and their values as text. What the values mean
// is values.h.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "option_table.h"

namespace weir_tool {

// What was given to a command.
class given {
public:
    explicit given(const command& which) noexcept : command_(&which) {}

    const command& which() const noexcept { return *command_; }
    // Was it said? A default is not.
    bool said(std::string_view name) const { return values_.contains(name); }
    // The value of an option or an argument: as said, else the default.
    std::string_view text(std::string_view name) const;

    void set(std::string_view name, std::string value) { values_[std::string(name)] = std::move(value); }

private:
    const command* command_;
    std::map<std::string, std::string, std::less<>> values_;
};

// Parses the words behind the command's name. An empty `trouble` means that all is well, else it is the sentence that
// says what is not. --help is told in `given` and excuses whatever else is missing.
given parse_options(const command& which, const std::vector<std::string>& words, std::string& trouble);

}  // namespace weir_tool
