// A connection goes through its wrappers. Private.
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

// Returns the stream behind the last wrapper. An error names the wrapper; its stream is closed then. The arguments must
// exist until the task has ended; it takes the stream when it begins. A handshake that takes too long is counted.
// `line`: of a server, for its client; null for others.
task<result<owned_stream>> wrap_all(owned_stream& below, const wrappers& through, peer_facts& peer,
                                    connection_counters& counted_in, handshake_line* line = nullptr);

// The same for a connection of a client: until the deadline, and counted among the clients of the running loop. An
// error that names no wrapper names the peer.
task<result<owned_stream>> wrap_client(owned_stream below, const wrappers& through, peer_facts& facts,
                                       const address& peer, deadline until);

// Makes a channel of a stream behind its wrappers, as adopt_stream() does. `facts` may have the requested host.
task<result<channel>> adopt_wrapped(owned_stream connected, wrappers through, framing described, channel_limits limits,
                                    deadline until, std::unique_ptr<peer_facts> facts);

// Makes a stream of the running loop from a connected socket: checked, non-blocking, with TCP_NODELAY. The errors are
// those of weir::adopt().
result<owned_stream> stream_of(socket connected);

// Takes the result of such a task that has ended, and destroys the task. The result is no_memory without a task, and
// when the task had no memory to return an error.
result<owned_stream> take_wrapped(std::optional<task<result<owned_stream>>>& ended) noexcept;

// The framing of a channel behind these wrappers: that of the last one that fixes it. A wrapper that is null is a
// WEIR_CHECK.
struct wrapped_framing {
    framing described;
    bool is_fixed;
};
wrapped_framing framing_behind(const wrappers& through, framing requested);

}  // namespace weir::internal
