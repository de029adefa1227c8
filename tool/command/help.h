// --help and --version, printed from the option table.
#pragma once

#include <string>

#include "tool/command/option_table.h"

namespace weir_tool {

std::string help_text();
std::string help_text(const command& which);
std::string version_text();

}  // namespace weir_tool
