// What the command says to a person: one line a sentence on standard error, in colour only for a terminal.
#pragma once

#include <string>
#include <string_view>

#include <weir/base/error.h>
#include <weir/base/result.h>

namespace weir_tool {

// "weir serve: " and the sentence. What went wrong is marked red where colour is welcome: on a terminal, unless
// NO_COLOR is set (no-color.org). Thread safety: any thread; lines are never mixed.
void complain(std::string_view who, std::string_view sentence);
void tell(std::string_view who, std::string_view sentence);
// The same lines, for somebody else to write.
std::string complaint(std::string_view who, std::string_view sentence);
std::string remark(std::string_view who, std::string_view sentence);

// Whether standard output took what it was given; if not, this is said, unless only its reader is gone: that is quiet,
// as with `| head -1`.
bool output_went(std::string_view who, const weir::result<void>& shown);

// A sentence about an error, without words that are said already: "connect 127.0.0.1:1: connection refused".
std::string describe(const weir::error& why);
// Only what went wrong, when what it happened to has been named already.
std::string describe_cause(const weir::error& why);

// A word of the command line in quotes, shortened when it is long.
std::string show(std::string_view word);

// "1 message", "2 messages".
std::string count(std::uint64_t number, std::string_view noun);

// The exit code that stands for an error of the network.
int exit_code_of(const weir::error& why);

}  // namespace weir_tool
