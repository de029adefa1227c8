// Passes a connection through its wrappers. Private.
#pragma once

#include <memory>
#include <optional>

#include "weir/base/address.h"
#include "weir/base/result.h"
#include "weir/base/time.h"
#include "weir/coroutine/task.h"
#include "weir/loop/byte_stream.h"
#include "weir/socket/socket.h"
#include "weir/stream/channel.h"
#include "weir/stream/channel_limits.h"
#include "weir/stream/internal/connection_counters.h"
#include "weir/stream/wrapper.h"

namespace weir::internal {

class handshake_line;

// Returns the stream of the last wrapper. An error names the wrapper; the stream is then closed. The arguments must
// exist until the task has ended. The task takes ownership of the stream when it begins. A handshake that takes too
// long is counted in `counted_in`. `line` is the handshake line of the server; null for other connections.
task<result<owned_stream>> wrap_all(owned_stream& below, const wrappers& through, peer_facts& peer,
                                    connection_counters& counted_in, handshake_line* line = nullptr);

// The same for a connection of a client: it must end before the deadline, and is counted among the clients of the
// running loop. An error that names no wrapper names the peer.
task<result<owned_stream>> wrap_client(owned_stream below, const wrappers& through, peer_facts& facts,
                                       const address& peer, deadline until);

// Passes a stream through its wrappers and makes a channel from it, as adopt_stream() does. `facts` may contain the
// requested host.
task<result<channel>> adopt_wrapped(owned_stream connected, wrappers through, framing described, channel_limits limits,
                                    deadline until, std::unique_ptr<peer_facts> facts);

// Makes a stream of the running loop from a connected socket: checked, non-blocking, with TCP_NODELAY. The errors are
// those of weir::adopt().
result<owned_stream> stream_of(socket connected);

// Takes the result of a wrap_all() task that has ended, and destroys the task. The result is no_memory if there is no
// task, or if the task had no memory to return an error.
result<owned_stream> take_wrapped(std::optional<task<result<owned_stream>>>& ended) noexcept;

// The framing of a channel with these wrappers: the framing of the last wrapper that fixes one, or else the requested
// one. A null wrapper fails a WEIR_CHECK.
struct wrapped_framing {
    framing described;
    bool is_fixed;
};
wrapped_framing framing_behind(const wrappers& through, framing requested);

}  // namespace weir::internal
