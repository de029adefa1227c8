// Writes whole programs that use a framing: in Python with its standard library alone, and in C++ with weir. Nothing
// here does I/O.
//
// Both take HOST and PORT. Each line of standard input is one message in hex digits. The program sends it, waits for
// one reply and prints it in the same way. At the end of the input it closes the sending side and prints the replies
// that still arrive.
#pragma once

#include <string>

#include <weir/framing/framing.h>

namespace weir_tool {

// Return an empty text for framings without a program: chunks, idle, and oversize=stream.
std::string python_program(const weir::framing& described);
std::string cpp_program(const weir::framing& described);

}  // namespace weir_tool
