// Network interfaces by name and by number, as the scope of an IPv6 address, multicast and packet_info speak of them.
#pragma once

#include <string>
#include <string_view>

#include "weir/base/result.h"

namespace [[gnu::visibility("default")]] weir {

// if_nametoindex(3): "eth0", or a number as it stands. errc::not_found. Thread safety: any thread.
result<unsigned> interface_index(std::string_view name);

// if_indextoname(3). errc::not_found. Thread safety: any thread.
result<std::string> interface_name(unsigned index);

}  // namespace weir
