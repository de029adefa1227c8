// The interface through which the behaviour table measures stream sockets. It has the calls of a socket, which take
// handles, and helper functions for the measurement. real_sockets.h implements it for the kernel's sockets. Another
// implementation of sockets that provides this interface is measured in the same way.
#pragma once

#include <string>

#include "weir/base/address.h"
#include "weir/base/bytes.h"
#include "weir/base/result.h"
#include "weir/base/time.h"
#include "weir/socket/socket.h"

namespace behaviour {

using handle = int;

struct accepted_handle {
    handle connection;
    weir::address peer;
};

class network {
public:
    network() = default;
    network(const network&) = delete;
    network& operator=(const network&) = delete;
    virtual ~network() = default;

    // Returns a new blocking stream socket. Throws when it cannot be opened.
    virtual handle open() = 0;

    // The calls of weir::socket. On a closed handle they return what a closed weir::socket returns.
    virtual weir::result<void> bind(handle of, const weir::address& here) = 0;
    virtual weir::result<void> listen(handle of, int backlog) = 0;
    virtual weir::result<accepted_handle> accept(handle of, weir::deadline until) = 0;
    virtual weir::result<void> connect(handle of, const weir::address& peer, weir::deadline until) = 0;
    virtual weir::result<weir::bytes> receive(handle of, std::size_t most, weir::deadline until) = 0;
    virtual weir::result<std::size_t> send(handle of, weir::bytes_view data, weir::deadline until) = 0;
    virtual weir::result<void> shutdown(handle of, weir::half which) = 0;
    virtual weir::result<weir::address> local_address(handle of) = 0;
    virtual weir::result<weir::address> peer_address(handle of) = 0;
    virtual weir::result<std::optional<weir::error>> pending_error(handle of) = 0;
    virtual weir::result<void> set_blocking(handle of, bool blocking) = 0;
    virtual weir::result<void> close(handle of) = 0;
    // Calls close() with a linger time of zero, so that the peer gets a reset if the family has resets.
    virtual weir::result<void> abort(handle of) = 0;

    // Returns an address for bind() that no socket uses, or one with port 0.
    virtual weir::address fresh_address() = 0;
    // Returns whether a non-blocking connect can be in progress. On a Unix stream socket it never is: connect()
    // succeeds or is refused at once, or it would block.
    virtual bool connects_in_steps() const = 0;
    // Returns a deadline that passes only if the call really waits.
    virtual weir::deadline soon() = 0;
    // Returns when all sent data and the replies of the kernel have arrived.
    virtual void settle() = 0;
    // Closes every handle. open() may then return the same numbers again.
    virtual void close_all() = 0;
};

}  // namespace behaviour
