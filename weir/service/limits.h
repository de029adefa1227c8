// All limits of a server in one table. Each limit can be changed; std::nullopt disables an optional one.
//
//   message size                             the framing's max, 1 MiB        too_large, closed
//   outgoing bytes per connection            256 KiB / 64 KiB                send suspends / resumes
//   stalled send                             30 s without progress           timed_out, closed
//   handshake of each wrapper                handshake_time(), 10 s          timed_out, closed
//   handshakes in progress per server        1,000                           the one that stalled longest: dropped
//   first message; whole message once begun  10 s; 30 s                      timed_out, closed (slow drip)
//   idle                                     5 min                           timed_out, closed
//   connections per server                   10,000                          accept pauses
//   connections per source address           a tenth of them, at least 8     refused: reset
//   held bytes per loop                      256 MiB, or 1/4 of the memory   receives wait; largest stalled: evicted
//   kernel buffers per server                1/4 of the memory               smaller buffers for further connections
//   linger while closing                     1 MiB, 2 s                      then close
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
    // The maximum number of open connections, including those in a handshake. Further connections wait in the kernel's
    // accept queue.
    std::optional<std::size_t> connections = 10'000;
    // The maximum number of connections in the handshake of a wrapper. When a further handshake begins, the server
    // drops the connection whose peer has made no progress for the longest time (errc::over_limit).
    std::optional<std::size_t> handshakes = 1'000;
    // The maximum number of open connections from one IPv4 address or one /64 network of IPv6. Further connections are
    // reset. The source is the address of the socket's other end, never peer_facts::address(). All clients of one proxy
    // are therefore one source, so use std::nullopt behind a proxy. Unix clients have no address and are not counted.
    // Servers on several loops that accept from one socket count their connections together. The default is a tenth of
    // `connections`, at least 8, so that ten addresses are needed to fill the server. If `connections` has no limit,
    // the default is 1,000. A number or std::nullopt replaces the default.
    source_limit connections_of_a_source;
    // The maximum number of bytes that all channels of a loop together hold for received messages and queued output,
    // see byte_budget.h. The servers of a loop share this limit; the server that was made last sets it. A connection
    // whose message might exceed the limit waits, within the time limits of its channel. Meanwhile the server closes
    // connections whose peers made no progress for byte_budget::patience (errc::evicted). It begins with those that
    // hold the most bytes. A message larger than the limit ends receiving with too_large. The default is the smaller of
    // 256 MiB and a quarter of the memory that the machine or the cgroup allows.
    std::optional<std::size_t> held_bytes_of_a_loop;
    // The maximum number of bytes that the kernel buffers for all connections of a server, in both directions,
    // including its bookkeeping. As the number of connections grows, new ones get smaller buffers (SO_RCVBUF,
    // SO_SNDBUF), but at least least_kernel_buffer_bytes each way. The kernel may exceed each buffer by one segment;
    // kernel_segment_bytes is reserved for that. The limit holds as long as half of it is at least 144 KiB for each
    // connection; each connection beyond that adds at most 144 KiB. Data that arrived before its connection was
    // accepted may exceed the limit until it is read. The default is a quarter of the memory that the machine or the
    // cgroup allows.
    std::optional<std::size_t> kernel_buffer_bytes;
    static constexpr std::size_t least_kernel_buffer_bytes = 8 * 1024;
    static constexpr std::size_t kernel_segment_bytes = 64 * 1024;
    // How long a stopped server waits for its connections to end before it aborts them.
    std::optional<duration> drain = std::chrono::seconds(10);

    // Returns what is wrong with the first limit that is invalid, as channel_limits::problem() does, or an empty text.
    std::string_view problem() const noexcept;
};

// Divides the limits of a server among `loops` loops, so that `all` holds for the server as a whole. Returns the limits
// of each loop. Connections, handshakes, held bytes and kernel buffers are divided. The limit of a source is the same
// number on each loop, because the loops count sources together. All other limits stay the same. The length of the
// result is the number of loops to use: at least one, and never more than the limit of connections.
std::vector<limits> divide_among_loops(const limits& all, std::size_t loops);

}  // namespace weir
