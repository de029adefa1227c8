// Text to addresses, names included. Asks the system's resolver (getaddrinfo(3)), which may take as long as
// resolv.conf(5) allows and cannot be stopped: with a deadline it is asked on a thread of its own.
#pragma once

#include <string_view>
#include <vector>

#include "weir/base/address.h"
#include "weir/base/result.h"
#include "weir/socket/socket.h"

namespace [[gnu::visibility("default")]] weir {

// All addresses that `text` means, in the order in which they should be tried (RFC 6724); at least one.
//   127.0.0.1:9000, [::1]:9000, unix:/x ...  what address::parse takes: nobody is asked
//   localhost:9000, example.org:https        a name; the port a number or a name of services(5)
//   [fe80::1%eth0]:http, 127.0.0.1:http
//   *:9000                                   every interface: [::]:9000 (IPv4 too), then 0.0.0.0:9000; the second alone
//                                            where the kernel has no IPv6
// Errors name the host: malformed (as address::parse says it), not_found (no such host or service), timed_out (the name
// servers do not answer now: try again; or the deadline passed), no_memory, system.
// When the deadline passes the thread is left behind until the resolver gives up; it holds nothing of the caller's.
// Thread safety: any thread.
result<std::vector<address>> resolve(std::string_view text, socket_type type = socket_type::stream,
                                     deadline until = {});

}  // namespace weir
