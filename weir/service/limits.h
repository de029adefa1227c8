// The limits of a server, on one screen. Each can be set, and each optional set to none (std::nullopt).
//
//   message size                             the framing's max, 1 MiB        too_large, closed
//   outgoing bytes a connection              256 KiB / 64 KiB                send suspends / resumes
//   stalled send                             30 s without progress           timed_out, closed
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

// Thread safety: a value.
class limits {
public:
    limits();

    channel_limits connection;
    // Connections at a time; further ones wait in the kernel's queue.
    std::optional<std::size_t> connections = 10'000;
    // Of one IPv4 address or one /64 of IPv6 at a time; further ones are reset. Unix clients have no address and are
    // not counted. Servers on several loops that accept from one socket count together. Default: a tenth of
    // `connections`, at least 8, so that ten addresses are needed to fill the server; 1,000 where `connections` is
    // none. A number or std::nullopt replaces it.
    source_limit connections_of_a_source;
    // Bytes that all channels of a loop hold for messages, received and queued to be sent, see byte_budget.h; those of
    // its servers share it, and the server that was made last sets it. A connection whose message may not fit waits,
    // bound by the times above; while it waits, the one that holds most and whose peer has stood still for
    // byte_budget::patience is closed (errc::evicted). A message that is larger than the limit is too_large. By default
    // 256 MiB, or a quarter of what the machine or the cgroup allows, whichever is less.
    std::optional<std::size_t> held_bytes_of_a_loop;
    // Bytes that the kernel buffers for the connections of a server, received and sent, with its bookkeeping: as their
    // number grows, further ones get smaller buffers (SO_RCVBUF, SO_SNDBUF), least_kernel_buffer_bytes each way at
    // least. The kernel takes up to a segment more than that, kernel_segment_bytes, which is counted. So the limit
    // holds for as many connections as half of it has 144 KiB for; each further one takes 144 KiB at most. Data that
    // arrived before a connection was accepted comes on top until it is read. A quarter of what the machine or the
    // cgroup allows.
    std::optional<std::size_t> kernel_buffer_bytes;
    static constexpr std::size_t least_kernel_buffer_bytes = 8 * 1024;
    static constexpr std::size_t kernel_segment_bytes = 64 * 1024;
    // How long a server that is stopped waits for its connections to end.
    std::optional<duration> drain = std::chrono::seconds(10);

    // As channel_limits::problem(), of all of them.
    std::string_view problem() const noexcept;
};

// The limits of each of so many loops of one server, so that `all` holds for the server as a whole: the connections and
// bytes are divided, and a source has its share of all of them, on whichever loops. Times stay what they are for each
// connection. At least one loop and never more loops than connections: the length of the result is the number of loops
// to use.
std::vector<limits> divide_among_loops(const limits& all, std::size_t loops);

}  // namespace weir
