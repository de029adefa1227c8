// A listening stream socket from text, in one call. Nothing is hidden that matters: option::reuse_address is set, and a
// Unix path that a dead server left behind is replaced.
#pragma once

#include <string_view>

#include "weir/base/result.h"
#include "weir/socket/socket.h"

namespace [[gnu::visibility("default")]] weir {

// What a listener is asked to be. Thread safety: a value.
class listen_options {
public:
    listen_options(int queue = socket::default_backlog) noexcept : backlog(queue) {}

    // How many finished connections may wait for accept(); listen(2).
    int backlog;
    // SO_REUSEPORT: other sockets, of this user's other programs too, may listen on the same address, and share what
    // arrives.
    bool reuse_port = false;
};

// open + reuse_address + bind + listen on the first address of resolve(text) that works. `*:9000` takes IPv4 and IPv6.
// A Unix path that exists: if it is a socket and connecting to it is refused, its server is dead: it is removed and
// bound again. A live one is errc::in_use (it sees one connection that ends at once), so is anything that is no socket,
// which is never removed. An address is in use when it still is after 200 ms: so long may the kernel hold on to the
// sockets of a process that was killed. Two servers of one user that start on one path at once are kept apart by
// flock(2) on a file that no other user can open, PATH.weir-lock, which is removed before this returns. Where there is
// something else under that name, a server that does not answer for 200 ms is dead. Errors: those of resolve(), bind
// and listen; operation "listen", subject the address. Thread safety: any thread.
//
// `fd:3` is the listening stream socket with the descriptor 3, which the program has inherited or received, for example
// from systemd.socket(5). It is taken over as it is: the options have no effect. errc::invalid: it is another kind of
// socket, or does not listen.
result<socket> listen_on(std::string_view text, listen_options how = {});

}  // namespace weir
