// Parses a script of socket calls. `c = accept a within 50ms` is a call: the name of its result, a verb, operands, and
// the time that it may wait. README.md defines the language, which driver.py parses too. This file uses no socket.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/time.h"

namespace compare {

struct call {
    std::vector<std::string> gives;  // the names to the left of `=`
    std::string verb;
    std::vector<std::string> operands;  // quotes and escapes still in place
    std::optional<weir::duration> patience;
};

struct line {
    int number;
    std::string text;  // without comment, and without spaces around it
};

// Returns the lines of a file that contain a call. Throws std::runtime_error when the file cannot be read.
std::vector<line> read_script(const std::string& path);

// Throws std::runtime_error when the text is not a call.
call parse_call(std::string_view text);

// Parses a time such as "20ms" or "2s".
weir::duration parse_duration(std::string_view text);

// Returns the bytes of `"a\n"` or `1000*"ab"`. Escapes: \n \\ \" \xNN.
std::string parse_data(std::string_view text);

// Returns bytes as one word of output: quoted, or, if there are more than 40, their number and a checksum.
std::string show_data(std::string_view data);

}  // namespace compare
