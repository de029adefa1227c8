// The options of a simulated network: its sizes, its delays, its names, and how often each fault occurs.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "weir/base/address.h"
#include "weir/base/time.h"

namespace [[gnu::visibility("default")]] weir {
namespace sim {

// The options of a simulated network. By default the network has no faults. Its buffers are small, so that a program
// encounters full buffers early. Thread safety: a value.
class network_options {
public:
    network_options() noexcept = default;

    // The buffers of one direction of a connection. The send buffer holds bytes that were accepted and not sent yet.
    // The receive buffer holds bytes in flight, and bytes that arrived and were not received yet. Both must be at least
    // 1.
    std::size_t send_buffer_bytes = 8192;
    std::size_t receive_buffer_bytes = 8192;
    // The size of the largest segment; at least 1.
    std::size_t most_segment_bytes = 65'536;

    // The delay of a segment or a datagram. For each of them a choice selects one of `delay_steps` delays, from
    // least_delay to most_delay. With one step, every delay is least_delay. Unix sockets have no delay.
    duration least_delay = std::chrono::microseconds(50);
    duration most_delay = std::chrono::milliseconds(5);
    std::uint32_t delay_steps = 8;
    // How long TCP retransmits without an answer, RFC 6298, before it fails with errc::timed_out. The defaults are
    // those of Linux: tcp_syn_retries and tcp_retries2, tcp(7).
    duration connect_patience = std::chrono::seconds(127);
    duration send_patience = std::chrono::seconds(924);

    // The names that look_up() and listen() resolve besides localhost and *, with their addresses. Ports are ignored.
    std::map<std::string, std::vector<address>> names;
    // Hosts without a route: connecting to one fails with errc::unreachable. Ports are ignored.
    std::vector<address> unreachable;

    // How many listeners, ends of connections, attempts and datagram ports may be open at once. Opening another one
    // fails with errc::no_descriptors, like RLIMIT_NOFILE of getrlimit(2).
    std::size_t most_descriptors = 1'000'000;

    // Faults: on average each occurs once in this number of opportunities; 0: never.
    std::uint64_t reset_one_in = 0;    // when TCP sends a segment: both ends are reset instead
    std::uint64_t lose_one_in = 0;     // a datagram is lost
    std::uint64_t double_one_in = 0;   // a datagram arrives twice
    std::uint64_t reorder_one_in = 0;  // a datagram is late: those sent after it may overtake it
    // How many bytes of datagrams a port holds until they are received. A datagram that does not fit is lost.
    std::size_t port_buffer_bytes = 212'992;
};

}  // namespace sim
}  // namespace weir
