// A framing in other people's words: whole programs in Python (its standard library alone) and in C++ (with weir) that
// speak it. Pure: made from the description, so that they say what the decoder does.
//
// Both take HOST and PORT. Each line of standard input is one message in hex digits; it is sent, one reply is waited
// for and printed the same way. At the end of the input the sending side is closed, and what still comes is printed.
#pragma once

#include <string>

#include <weir/framing/framing.h>

namespace weir_tool {

std::string python_program(const weir::framing& described);
std::string cpp_program(const weir::framing& described);

}  // namespace weir_tool
