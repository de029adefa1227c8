// The name of a blocking channel's peer. Private.
#pragma once

#include "weir/base/address.h"
#include "weir/socket/socket.h"

namespace weir::internal {

// Returns the address of the peer. A Unix client usually has none; the function then returns the address of this side.
// Thread safety: any thread.
inline address name_of_peer(const weir::socket& connection) {
    auto peer = connection.peer_address();
    if (peer && !peer->is_unnamed()) return *peer;
    auto local = connection.local_address();
    return local ? *local : address();
}

}  // namespace weir::internal
