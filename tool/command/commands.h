// The commands, one file each. Each takes its parsed options and returns the exit code.
#pragma once

#include "tool/command/options.h"

namespace weir_tool {

int serve(const given& options);
int connect(const given& options);
int framing(const given& options);
int explain(const given& options);
int demo(const given& options);

}  // namespace weir_tool
