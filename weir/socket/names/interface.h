// Network interfaces by name and by number, for the scope of an IPv6 address, for multicast and for packet_info.
#pragma once

#include <string>
#include <string_view>

#include "weir/base/result.h"

namespace [[gnu::visibility("default")]] weir {

// Returns the number of the interface with this name, such as "eth0", if_nametoindex(3). If `name` is a number, returns
// that number. Error: errc::not_found. Thread safety: any thread.
result<unsigned> interface_index(std::string_view name);

// Returns the name of an interface, if_indextoname(3). Error: errc::not_found. Thread safety: any thread.
result<std::string> interface_name(unsigned index);

}  // namespace weir
