// Finds the sockets of this system that hold an address, and their processes, with sock_diag(7) and /proc. Used only
// after a failure, for the text of the error. Private.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/address.h"
#include "weir/socket/kernel_view.h"
#include "weir/socket/socket_type.h"

namespace weir::internal {

// A socket that is bound to an address. Thread safety: a value.
struct socket_holder {
    tcp_state state = tcp_state::closed;  // closed: bound, but neither listening nor connected, as datagram sockets are
    std::uint32_t user = 0;               // uid; 0 in time_wait
    std::uint32_t inode = 0;              // 0: it no longer belongs to a process
};

// Returns the sockets of this network namespace whose bound address overlaps with `here`: the same port, and the same
// IP address or a wildcard. For a Unix address: the same file or name. nullopt when the kernel does not report them.
// Thread safety: any thread.
std::optional<std::vector<socket_holder>> holders_of(const address& here, socket_type type);

inline constexpr std::string_view this_program = "this program";
// Returns "NAME (process 1234)" for the process that has this socket open, or `this_program`. Empty when no process is
// found: those of other users are hidden without CAP_SYS_PTRACE, and at most 50,000 descriptors are examined.
std::string process_with(std::uint32_t inode);
// Returns the same text for the process with this number; empty for 0.
std::string process_text(int process);

}  // namespace weir::internal
