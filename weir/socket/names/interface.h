// Network interfaces by name and by number, for the scope of an IPv6 address, for multicast and for packet_info.
#pragma once

#include <string>
#include <string_view>

#include "weir/base/result.h"

namespace [[gnu::visibility("default")]] weir {

// Returns the number of an interface, if_nametoindex(3): of a name such as "eth0", or of a number, which is returned
// unchanged. Error: errc::not_found. Thread safety: any thread.
result<unsigned> interface_index(std::string_view name);

// Returns the name of an interface, if_indextoname(3). Error: errc::not_found. Thread safety: any thread.
result<std::string> interface_name(unsigned index);

}  // namespace weir
