// The Python programs of the framings with a length.
#pragma once

#include <string>

#include <weir/framing/framing.h>

namespace weir_tool {

// Return the functions encode(message) and receive(stream): of a framing with a length as a number, netstring excepted,
// and of `header`.
std::string python_announced(const weir::description& fields);
std::string python_header(const weir::description& fields);

}  // namespace weir_tool
