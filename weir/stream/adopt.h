// Makes a channel on a connection that the program already has: an inherited or passed socket, a socket that other code
// has made, or a byte stream that the program implements.
//
//     auto adopted = weir::adopt(std::move(connection), weir::framing::lines());
//     if (!adopted) co_return adopted.error();
//     co_await adopted->send("hello");
#pragma once

#include "weir/base/result.h"
#include "weir/base/time.h"
#include "weir/coroutine/task.h"
#include "weir/framing/framing.h"
#include "weir/socket/socket.h"
#include "weir/stream/channel.h"
#include "weir/stream/channel_limits.h"
#include "weir/stream/detached.h"
#include "weir/stream/wrapper.h"

namespace [[gnu::visibility("default")]] weir {

// Takes ownership of a connected stream socket and makes a channel on the running loop. The socket becomes
// non-blocking, for its other descriptors too. On a TCP socket TCP_NODELAY is set, because the channel already sends
// all output of a turn in one piece. The channel also receives the bytes that have already arrived. Errors: invalid, if
// it is not a stream socket or if it listens; not_connected; unsupported, in a simulated network; no_memory. After an
// error the socket is closed. Thread safety: on a loop.
result<channel> adopt(socket connected, framing described, const channel_limits& limits = {});

// The same for a connection that a channel has given away. The new channel takes over the bytes that came with the
// connection, and counts them in stats(). After an error the socket is closed and the bytes are lost.
result<channel> adopt(detached_connection connected, framing described, const channel_limits& limits = {});

// Makes a channel on any byte stream of the running loop: one end of a stream_pair(), or a stream that the program
// implements. A null stream fails a WEIR_CHECK.
channel adopt_stream(owned_stream connected, framing described, const channel_limits& limits = {});
channel adopt_stream(detached_stream connected, framing described, const channel_limits& limits = {});

// These functions do the same as adopt() and adopt_stream() above, but the connection goes through wrappers first. Each
// handshake may take the handshake_time() of its wrapper; all handshakes must end before the deadline. Errors: those
// above, those of the wrappers, timed_out, and cancelled. An error of a wrapper names the wrapper; timed_out at the
// deadline names only the peer. After an error the connection is closed. A detached connection or stream cannot go
// through wrappers, because its bytes would have to come before the handshake.
task<result<channel>> adopt(socket connected, wrappers through, framing described, channel_limits limits = {},
                            deadline until = {});
task<result<channel>> adopt_stream(owned_stream connected, wrappers through, framing described,
                                   channel_limits limits = {}, deadline until = {});

}  // namespace weir
