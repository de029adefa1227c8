// A script of socket calls, taken apart: `c = accept a within 50ms` is a call with the name it gives, its verb, its
// operands and how long it may wait. README.md has the language; driver.py reads the same one. It uses no socket.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/time.h"

namespace compare {

struct call {
    std::vector<std::string> gives;  // the names left of `=`
    std::string verb;
    std::vector<std::string> operands;  // quotes and escapes still in place
    std::optional<weir::duration> patience;
};

struct line {
    int number;
    std::string text;  // without comment and outer space
};

// The lines of a file that hold a call. Throws std::runtime_error when it cannot be read.
std::vector<line> read_script(const std::string& path);

// Throws std::runtime_error when the text is not a call.
call parse_call(std::string_view text);

// "20ms", "2s".
weir::duration parse_duration(std::string_view text);

// `"a\n"` or `1000*"ab"`: the bytes. Escapes: \n \\ \" \xNN.
std::string parse_data(std::string_view text);

// Bytes as one word of output: quoted, or their number and a checksum when there are more than 40.
std::string show_data(std::string_view data);

}  // namespace compare
