// The commands: each takes what was given to it and returns the exit code. One file each.
#pragma once

#include "options.h"

namespace weir_tool {

int serve(const given& options);
int connect(const given& options);
int framing(const given& options);
int explain(const given& options);
int demo(const given& options);

}  // namespace weir_tool
