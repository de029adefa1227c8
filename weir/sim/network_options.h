// What a simulated network is like: its sizes, its delays, its names, and how often which fault strikes.
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

// The defaults are a network without faults, whose buffers are small, so that a program meets full ones early.
// Thread safety: a value.
class network_options {
public:
    network_options() noexcept = default;

    // What the world holds of one direction of a connection: bytes that were taken and have not left, and bytes that
    // are on their way or have arrived and were not received. At least 1.
    std::size_t send_buffer_bytes = 8192;
    std::size_t receive_buffer_bytes = 8192;
    // No segment is larger. At least 1.
    std::size_t most_segment_bytes = 65'536;

    // How long a segment or a datagram takes: one of `delay_steps` delays from the least to the most, chosen for each.
    // With one step nothing is chosen, and each takes the least. Unix sockets take no time.
    duration least_delay = std::chrono::microseconds(50);
    duration most_delay = std::chrono::milliseconds(5);
    std::uint32_t delay_steps = 8;
    // TCP tries again where nothing is answered, RFC 6298, and gives up after this: errc::timed_out. As in Linux,
    // tcp(7), tcp_syn_retries and tcp_retries2.
    duration connect_patience = std::chrono::seconds(127);
    duration send_patience = std::chrono::seconds(924);

    // What look_up() and listen() know, beside localhost and *: a name and its addresses, whose ports do not count.
    std::map<std::string, std::vector<address>> names;
    // Hosts without a route to them: connecting fails with errc::unreachable. Their ports do not count.
    std::vector<address> unreachable;

    // Listeners, connections (each end of its own), attempts and datagram ports that may be open at once; one more is
    // errc::no_descriptors, as RLIMIT_NOFILE of getrlimit(2) has it.
    std::size_t most_descriptors = 1'000'000;

    // Faults, each striking once in so many times on average; 0 is never.
    std::uint64_t reset_one_in = 0;    // a segment of TCP leaves: both ends of its connection are reset instead
    std::uint64_t lose_one_in = 0;     // a datagram
    std::uint64_t double_one_in = 0;   // a datagram
    std::uint64_t reorder_one_in = 0;  // a datagram: those sent after it may overtake it
    // What a datagram port holds that was not received; more is lost.
    std::size_t port_buffer_bytes = 212'992;
};

}  // namespace weir
