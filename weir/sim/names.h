// Resolves text in a simulated network: an address, `*`, localhost, or a name from a table. Private.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/address.h"
#include "weir/base/result.h"

namespace weir::sim::internal {

// Like resolve() of weir/socket, returns at least one address. The errors malformed and not_found name the host.
result<std::vector<address>> addresses_of(std::string_view text,
                                          const std::map<std::string, std::vector<address>>& names);

// Returns the host: the address without its port. A Unix name is returned unchanged.
address host_of(const address& one);
// Returns `other` in the family of `bound`: an IPv6 socket shows an IPv4 peer as a mapped address.
address as_seen_from(const address& bound, const address& other);

}  // namespace weir::sim::internal
