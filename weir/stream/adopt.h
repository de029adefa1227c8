// A channel on a connection that the program already has: an inherited or passed socket, one that other code has made,
// or a byte stream of one's own.
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

// Takes over a connected stream socket, on the running loop. The socket becomes non-blocking, also for other
// descriptors of it; TCP_NODELAY is set on a TCP socket, because a turn's output leaves in one piece. What has arrived
// and is unread is received by the channel. Errors: invalid, if it is no stream socket, or listens; not_connected;
// unsupported in a simulated network; no_memory. The socket is closed then. Thread safety: on a loop.
result<channel> adopt(socket connected, framing described, const channel_limits& limits = {});

// The same for a connection that a channel has given away, with the bytes that it had, which the channel's counters
// include. After an error they and the socket are gone.
result<channel> adopt(detached_connection connected, framing described, const channel_limits& limits = {});

// A channel on any byte stream of the running loop: one end of a stream_pair, or a stream of one's own.
channel adopt_stream(owned_stream connected, framing described, const channel_limits& limits = {});
channel adopt_stream(detached_stream connected, framing described, const channel_limits& limits = {});

// As adopt() and adopt_stream() above, through wrappers: each within its handshake_time(), all until the deadline.
// Their errors in addition; timed_out; cancelled. An error of a wrapper names it; timed_out at the deadline names the
// peer alone. After an error the connection is closed. A detached connection or stream cannot go through wrappers: its
// bytes would have to come before the handshake.
task<result<channel>> adopt(socket connected, wrappers through, framing described, channel_limits limits = {},
                            deadline until = {});
task<result<channel>> adopt_stream(owned_stream connected, wrappers through, framing described,
                                   channel_limits limits = {}, deadline until = {});

}  // namespace weir
