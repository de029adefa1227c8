// A framing in plain words: what a person wants to know before they speak it. Pure.
#pragma once

#include <string>
#include <vector>

#include <weir/framing/framing.h>

namespace weir_tool {

// What the framing is, in one sentence.
std::string summary_of(const weir::framing& described);
// What it allows and refuses: sentences.
std::vector<std::string> limits_of(const weir::framing& described);
// The parts of a frame as boxes that align, with what each means below them.
std::string layout_of(const weir::framing& described);
// A message and its frame in hex; empty for those that no example fits.
std::string example_of(const weir::framing& described);

}  // namespace weir_tool
