// Describes a framing in plain words, for people who want to implement it. Nothing here does I/O.
#pragma once

#include <string>
#include <vector>

#include <weir/framing/framing.h>

namespace weir_tool {

// Describes the framing in one sentence.
std::string summary_of(const weir::framing& described);
// Returns sentences about what the framing allows and refuses.
std::vector<std::string> limits_of(const weir::framing& described);
// Draws the parts of a frame as aligned boxes, with the meaning of each below them.
std::string layout_of(const weir::framing& described);
// Returns a message and its frame in hex; empty when no example fits the framing.
std::string example_of(const weir::framing& described);

}  // namespace weir_tool
