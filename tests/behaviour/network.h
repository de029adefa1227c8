// What the behaviour table asks of an implementation of stream sockets: the textbook's calls over handles, and a few
// things around them. Real sockets answer first (real_sockets.h); whatever else claims to behave like them answers the
// same questions through the same interface.
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

    // A new stream socket, blocking. Never fails: an implementation that cannot throws.
    virtual handle open() = 0;

    // The calls, as weir::socket has them. A handle that was closed answers like a closed weir::socket.
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
    // close() with a linger of zero: the peer is reset, where the family knows that.
    virtual weir::result<void> abort(handle of) = 0;

    // An address to bind to that nobody has, or port 0.
    virtual weir::address fresh_address() = 0;
    // False for Unix streams: there a connect is done, refused or waits, and is never under way.
    virtual bool connects_in_steps() const = 0;
    // A deadline that only a call which really waits can miss.
    virtual weir::deadline soon() = 0;
    // Returns when all that was sent has arrived, with the answers to it.
    virtual void settle() = 0;
    // Closes every handle; numbers may be given again.
    virtual void close_all() = 0;
};

}  // namespace behaviour
