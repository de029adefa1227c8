// The limits of a server, on one screen. Each can be set, and each optional set to none (std::nullopt).
//
//   message size                             the framing's max, 1 MiB        too_large, closed
//   outgoing bytes a connection              256 KiB / 64 KiB                send suspends / resumes
//   stalled send                             30 s without progress           timed_out, closed
//   first message; whole message once begun  10 s; 30 s                      timed_out, closed (slow drip)
//   idle                                     5 min                           timed_out, closed
//   connections a server                     10,000                          accept pauses
//   connections a source address             a tenth of them, 8 at least     refused: reset
//   lent and held bytes a loop               256 MiB                         receives pause, largest first
//   linger at the end                        1 MiB, 2 s                      then close
//   drain                                    10 s                            then cut, counted
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include "weir/base/time.h"
#include "weir/loop/byte_budget.h"
#include "weir/service/source_limit.h"
#include "weir/stream/channel_limits.h"

namespace [[gnu::visibility("default")]] weir {

// Thread safety: a value.
class limits {
public:
    limits() {
        connection.first_message = std::chrono::seconds(10);
        connection.whole_message = std::chrono::seconds(30);
        connection.idle = std::chrono::minutes(5);
    }

    channel_limits connection;
    // Connections at a time; further ones wait in the kernel's queue.
    std::optional<std::size_t> connections = 10'000;
    // Of one IPv4 address or one /64 of IPv6 at a time; further ones are reset. Unix clients have no address and are not counted.
    // Servers on several loops that accept from one socket count together. Default: a tenth of `connections`, at least 8, so that
    // ten addresses are needed to fill the server; 1,000 where `connections` is none. A number or std::nullopt replaces it.
    source_limit connections_of_a_source;
    // What all channels of a loop hold for messages; those of its servers share it, and the one that was made last says how much it is. Who waits for
    // it to go down is still bound by the times above.
    std::optional<std::size_t> held_bytes_of_a_loop = byte_budget::default_limit_bytes;
    // How long a server that is stopped waits for its connections to end.
    std::optional<duration> drain = std::chrono::seconds(10);
};

// The limits of each of so many loops of one server, so that `all` holds for the server as a whole: the connections are divided,
// and a source has its share of all of them, on whichever loops. Held bytes and times stay what they are for each loop or connection.
// At least one loop and never more loops than connections: the length of the result is the number of loops to use.
std::vector<limits> divide_among_loops(const limits& all, std::size_t loops);

}  // namespace weir
