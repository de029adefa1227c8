// Suggests the known word for a mistyped one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weir_tool {

// Returns the nearest known word, at most two typing errors away (a letter missing, added or wrong, or two swapped);
// empty if there is none.
std::string nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace weir_tool
