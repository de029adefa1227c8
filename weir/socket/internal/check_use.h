// Checks a socket that weir has not made: one that was inherited, passed, or made by other code. Private.
#pragma once

#include "weir/socket/socket.h"

namespace weir::internal {

// Returns errc::invalid unless the socket is a stream socket that listens, SO_ACCEPTCONN of socket(7).
result<void> check_listener(const socket& one);
// Returns errc::invalid unless the socket is a stream socket, and errc::not_connected unless it has a peer,
// getpeername(2). A socket that its peer has reset or refused passes: the first call on the socket returns the reason.
result<void> check_connected(const socket& one);

}  // namespace weir::internal
