// Writes the file of SSLKEYLOGFILE, from which Wireshark reads the secrets of connections. Only the command uses this
// variable; the library never reads it.
#pragma once

#include <functional>
#include <string_view>

#include "tool/tls/tls_side.h"

namespace weir_tool {

// Opens the file that the environment variable SSLKEYLOGFILE names, with mode 0600 if it is new. Returns a function
// that appends a line to this file, or an empty function if the variable is not set. If the file cannot be opened,
// calls `warn` and returns an empty function. Thread safety of the function: any thread; other processes may append to
// the file, too.
std::function<void(std::string_view line)> key_log_of_environment(const tls_warning& warn);

}  // namespace weir_tool
