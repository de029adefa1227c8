// Which sockets of this system hold an address, and in which processes, as sock_diag(7) and /proc show it. It is for
// the text of an error: called on failure only. Private.
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
    tcp_state state = tcp_state::closed;  // closed: bound, and neither listening nor connected; so are datagram sockets
    std::uint32_t user = 0;               // uid; 0 in time_wait
    std::uint32_t inode = 0;              // 0: it belongs to no process any more
};

// The sockets whose bound address overlaps with `here`: the same port, and the same IP address or a wildcard; for a
// Unix address the same file or name. Only those of this network namespace. nullopt when the kernel does not report
// them. Thread safety: any thread.
std::optional<std::vector<socket_holder>> holders_of(const address& here, socket_type type);

inline constexpr std::string_view this_program = "this program";
// Returns "NAME (process 1234)" for the process that has this socket open, or `this_program`. Empty when no process is
// found: those of other users are hidden without CAP_SYS_PTRACE, and at most 50,000 descriptors are looked at.
std::string process_with(std::uint32_t inode);
// The same for a process with a known number; empty for 0.
std::string process_text(int process);

}  // namespace weir::internal
