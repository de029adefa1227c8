// Opens a listening stream socket on an address given as text, in one call. It sets option::reuse_address, and it
// replaces a Unix path that a dead server left behind.
#pragma once

#include <string_view>

#include "weir/base/result.h"
#include "weir/socket/socket.h"

namespace [[gnu::visibility("default")]] weir {

// How to listen. Thread safety: a value.
class listen_options {
public:
    // A number converts to listen_options: listen_on("*:9000", 16).
    listen_options(int queue = socket::default_backlog) noexcept : backlog(queue) {}

    // How many established connections may wait for accept(); listen(2).
    int backlog;
    // SO_REUSEPORT: other sockets of the same user, also in other programs, may listen on the same address and share
    // the incoming connections.
    bool reuse_port = false;
};

// Opens a socket, sets reuse_address, binds and listens, on the first address of resolve(text) that this machine has.
// `*:9000` accepts IPv4 and IPv6.
//
// If a Unix path exists and is a socket that refuses connections, its server is dead: the path is removed and bound
// again. If a server accepts the connection, the error is errc::in_use. That server sees a connection without data,
// which is closed after at most 200 ms, and a second one if it closes the first. A file that is not a socket is
// errc::in_use and is never removed.
//
// An address counts as in use only if it is still in use after 200 ms: the kernel may keep the sockets of a killed
// process that long.
//
// Two servers of one user that start on one path at the same time take turns: they lock the file PATH.weir-lock with
// flock(2). No other user can open this file, and it is removed before listen_on() returns. If another file has this
// name, there is no lock; a server then counts as dead after it has refused connections for 200 ms.
//
// `fd:3` is the listening stream socket with the descriptor 3, which the program has inherited or received, for example
// from systemd.socket(5). The socket is used as it is: the options have no effect. errc::invalid: it is another kind of
// socket, or does not listen.
//
// Errors: those of resolve(); those of bind() and listen(), with the operation "listen" and the address as the subject;
// in_use, too, when another server has held PATH.weir-lock for a second. Thread safety: any thread.
result<socket> listen_on(std::string_view text, listen_options how = {});

}  // namespace weir
