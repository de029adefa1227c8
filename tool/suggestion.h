// What somebody who mistyped a word may have meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weir_tool {

// The known word that is at most two slips away (a letter missing, too many, wrong, or two swapped); empty when none
// is.
std::string nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace weir_tool
