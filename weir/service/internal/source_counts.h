// The open connections of each source address, counted for all servers that accept from one listening socket. Private.
#pragma once

#include <cstddef>
#include <mutex>
#include <unordered_map>

#include "weir/base/address.h"

namespace weir::internal {

// Thread safety: any thread. Each call holds a lock during one access to a table. There is one call when a connection
// begins, and one when it ends.
class source_counts {
public:
    // Returns the address of the peer without its port; for IPv6 its /64 network. Requires an IP address.
    static address source_of(const address& peer);

    // Counts one more connection. Returns false, and does not count it, when its source already has `most` connections.
    bool enter(const address& peer, std::size_t most);
    // Call it once for each enter() that returned true.
    void leave(const address& peer);

private:
    std::mutex lock_;
    std::unordered_map<address, std::size_t> open_;  // no entry has 0
};

}  // namespace weir::internal
