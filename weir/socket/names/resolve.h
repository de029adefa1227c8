// Resolves text, including host names, to addresses. It uses the system's resolver, getaddrinfo(3), which may take as
// long as resolv.conf(5) allows and cannot be stopped. With a deadline the resolver runs on a separate thread.
#pragma once

#include <string_view>
#include <vector>

#include "weir/base/address.h"
#include "weir/base/result.h"
#include "weir/socket/socket.h"

namespace [[gnu::visibility("default")]] weir {

// Returns all addresses of `text`, at least one, in the order in which they should be tried (RFC 6724):
//   127.0.0.1:9000, [::1]:9000, unix:/x ...  what address::parse() accepts; needs no lookup
//   localhost:9000, example.org:https        a name; the port is a number or a name of services(5)
//   [fe80::1%eth0]:http, 127.0.0.1:http      an address with a name of services(5)
//   *:9000                                   every interface: [::]:9000 (IPv4 too), then 0.0.0.0:9000; only the second
//                                            where the kernel has no IPv6
// Errors name the host: malformed (with the detail of address::parse()), not_found (no such host or service), timed_out
// (the name servers do not answer now: try again; or the deadline passed), no_memory, system.
// After the deadline the thread continues until the resolver gives up; it uses no memory of the caller.
// Thread safety: any thread.
result<std::vector<address>> resolve(std::string_view text, socket_type type = socket_type::stream,
                                     deadline until = {});

}  // namespace weir
