// The command line as data: commands, their arguments and options with defaults, examples and exit codes. The parser
// (options.cc) and --help (help.cc) use it; man pages and completions can use it. It depends neither on the parser nor
// on the commands.
#pragma once

#include <span>
#include <string_view>

namespace weir_tool {

// The exit codes of every command.
namespace exit_code {
inline constexpr int ok = 0;
inline constexpr int failure = 1;  // a failure of the network, or any other at run time
inline constexpr int usage = 2;
inline constexpr int framing = 3;  // the peer violated the framing
inline constexpr int timeout = 4;
inline constexpr int signalled = 128;  // plus the signal's number: 130, 143
}  // namespace exit_code

// An option: -l, --name VALUE. An option without a name for its value is a switch.
struct option {
    std::string_view name;
    char letter = 0;             // 0: none
    std::string_view value;      // the name of its value in --help
    std::string_view otherwise;  // the default, as on a command line
    std::string_view help;
    bool required = false;
    std::string_view needs = {};  // the option that must be given, too
};

struct argument {
    std::string_view name;
    std::string_view help;
    bool optional = false;
};

struct example {
    std::string_view line;
    std::string_view help;
};

struct exit_meaning {
    std::string_view code;
    std::string_view meaning;
};

struct command {
    std::string_view name;
    std::string_view summary;      // one line of `weir --help`
    std::string_view description;  // paragraphs of `weir COMMAND --help`
    std::span<const argument> arguments;
    std::span<const option> options;
    std::span<const example> examples;
    std::span<const exit_meaning> exits;
};

// Returns the commands in the order in which --help lists them.
std::span<const command> commands() noexcept;
// Returns null when no command has this name.
const command* find_command(std::string_view name) noexcept;
// The options of `weir` itself, without a command.
std::span<const option> common_options() noexcept;

}  // namespace weir_tool
