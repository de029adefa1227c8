// The limits of a server, on one screen. Each can be set; std::nullopt switches an optional one off.
//
//   message size                             the framing's max, 1 MiB        too_large, closed
//   outgoing bytes a connection              256 KiB / 64 KiB                send suspends / resumes
//   stalled send                             30 s without progress           timed_out, closed
//   handshake of each wrapper                handshake_time(), 10 s          timed_out, closed
//   handshakes under way a server           1,000                          the one longest without progress: dropped
//   first message; whole message once begun  10 s; 30 s                      timed_out, closed (slow drip)
//   idle                                     5 min                           timed_out, closed
//   connections a server                     10,000                          accept pauses
//   connections a source address             a tenth of them, 8 at least     refused: reset
//   held bytes a loop                        256 MiB, or 1/4 of the memory   receives wait; largest stalled: evicted
//   kernel's buffers a server                1/4 of the memory               smaller buffers for further connections
//   linger at the end                        1 MiB, 2 s                      then close
//   drain                                    10 s                            then abort, counted
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "weir/base/time.h"
#include "weir/loop/internal/byte_budget.h"
#include "weir/service/source_limit.h"
#include "weir/stream/channel_limits.h"

namespace [[gnu::visibility("default")]] weir {

// The limits of a server and of its connections. Thread safety: a value.
class limits {
public:
    // Sets the defaults, two of which depend on the memory of this machine or cgroup.
    limits();

    // The limits of each connection.
    channel_limits connection;
    // The most connections that are open at a time, those in a handshake included. Further ones wait in the kernel's
    // accept queue.
    std::optional<std::size_t> connections = 10'000;
    // The most connections that are in the handshake of a wrapper at a time. A further one drops the one whose peer has
    // made no progress for longest (errc::over_limit).
    std::optional<std::size_t> handshakes = 1'000;
    // The most connections that are open at a time from one IPv4 address or one /64 network of IPv6. Further ones are
    // reset. The source is the address of the socket's other end, never peer_facts::address(): all clients of one proxy
    // are one source, so use std::nullopt behind a proxy. Unix clients have no address and are not counted. Servers on
    // several loops that accept from one socket count together. The default is a tenth of `connections`, at least 8, so
    // that ten addresses are needed to fill the server. It is 1,000 if `connections` has no limit. A number or
    // std::nullopt replaces it.
    source_limit connections_of_a_source;
    // The most bytes that all channels of a loop hold for received messages and queued output, see byte_budget.h. The
    // servers of a loop share this limit; the server that was made last sets it. A connection whose message may not fit
    // waits, within the time limits of its channel. Meanwhile the connection that holds most, and whose peer made no
    // progress for byte_budget::patience, is closed (errc::evicted). A message larger than the limit ends receiving
    // with too_large. The default is the lesser of 256 MiB and a quarter of the memory that the machine or the cgroup
    // allows.
    std::optional<std::size_t> held_bytes_of_a_loop;
    // The most bytes that the kernel buffers for the connections of a server in both directions, its bookkeeping
    // included. As the number of connections grows, further ones get smaller buffers (SO_RCVBUF, SO_SNDBUF): at least
    // least_kernel_buffer_bytes each way. The kernel may exceed each buffer by a segment, kernel_segment_bytes, which
    // is counted. So the limit holds as long as half of it has 144 KiB for each connection; each further connection
    // adds 144 KiB at most. Data that arrived before its connection was accepted comes on top of the limit until it is
    // read. The default is a quarter of the memory that the machine or the cgroup allows.
    std::optional<std::size_t> kernel_buffer_bytes;
    static constexpr std::size_t least_kernel_buffer_bytes = 8 * 1024;
    static constexpr std::size_t kernel_segment_bytes = 64 * 1024;
    // How long a stopped server waits for its connections to end before it aborts them.
    std::optional<duration> drain = std::chrono::seconds(10);

    // Returns what is wrong with any of the limits, as channel_limits::problem() does; empty when nothing is.
    std::string_view problem() const noexcept;
};

// Returns the limits of each of `loops` loops of one server, so that `all` holds for the server as a whole.
// Connections, held bytes and kernel buffers are divided. The limit of a source is the same number on each loop: loops
// count sources together. All other limits stay the same. The length of the result is the number of loops to use: at
// least one, and never more than connections.
std::vector<limits> divide_among_loops(const limits& all, std::size_t loops);

}  // namespace weir
