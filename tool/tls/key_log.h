// The file of SSLKEYLOGFILE, from which Wireshark reads the secrets of connections. Only the command honours it, never
// the library.
#pragma once

#include <functional>
#include <string_view>

#include "tool/tls/tls_side.h"

namespace weir_tool {

// Opens the file that the environment variable SSLKEYLOGFILE names, for its owner alone, and returns a function that
// appends a line to it; an empty one without the variable. When the file cannot be opened it calls `warn`, and no
// secrets are written. Thread safety of the function: any thread, and any process may append to the file meanwhile.
std::function<void(std::string_view line)> key_log_of_environment(const tls_warning& warn);

}  // namespace weir_tool
