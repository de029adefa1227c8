// Text to addresses in a simulated world: what an address parses, `*`, localhost, and a table of names. Private.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/address.h"
#include "weir/base/result.h"

namespace weir {

// As resolve() of the real world: at least one address; malformed and not_found name the host.
result<std::vector<address>> addresses_of(std::string_view text,
                                          const std::map<std::string, std::vector<address>>& names);

// The address without its port: a host. A Unix name is its own host.
address host_of(const address& one);
// What a socket of the family of `bound` says of `other`: IPv4 is mapped into IPv6.
address as_seen_from(const address& bound, const address& other);

}  // namespace weir
