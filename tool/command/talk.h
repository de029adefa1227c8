// Messages of the command for people: one line for each sentence on standard error, in colour only on a terminal.
#pragma once

#include <string>
#include <string_view>

#include <weir/base/error.h>
#include <weir/base/result.h>

namespace weir_tool {

// Print "weir serve: " and the sentence. Errors are red on a terminal, unless NO_COLOR is set (no-color.org). Thread
// safety: any thread; lines are never mixed.
void complain(std::string_view program, std::string_view sentence);
void inform(std::string_view program, std::string_view sentence);
// Return the same lines, for the caller to write.
std::string complaint(std::string_view program, std::string_view sentence);
std::string remark(std::string_view program, std::string_view sentence);

// Returns whether writing to standard output succeeded. Prints the error, unless the reader has closed the pipe, as `|
// head -1` does.
bool output_went(std::string_view program, const weir::result<void>& shown);

// Returns a sentence about an error without repeated words: "connect 127.0.0.1:1: connection refused".
std::string describe(const weir::error& why);
// Returns only the cause, for a sentence that already names the operation and its subject.
std::string describe_cause(const weir::error& why);

// Returns a word of the command line in quotes, shortened if it is long.
std::string show(std::string_view word);

// Returns the number and the noun: "1 message", "2 messages".
std::string count(std::uint64_t number, std::string_view noun);

// Returns the exit code for a network error.
int exit_code_of(const weir::error& why);

}  // namespace weir_tool
