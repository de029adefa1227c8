// Reads a file that is named on the command line: a password, certificates.
#pragma once

#include <string>

#include <weir/base/result.h>

namespace weir_tool {

// Errors: those of the system, such as "read own.key: No such file or directory", and too_large for more than 16 MiB.
weir::result<std::string> read_small_file(const std::string& path);

}  // namespace weir_tool
