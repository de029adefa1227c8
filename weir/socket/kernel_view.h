// The kernel's view of a socket at this moment: queued bytes, buffer sizes, and the statistics of TCP. A snapshot for
// people, tests and tools. It costs several system calls and changes nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "weir/base/result.h"
#include "weir/base/time.h"
#include "weir/socket/socket.h"

namespace [[gnu::visibility("default")]] weir {

// The states of RFC 9293, with the numbers of tcpi_state.
enum class tcp_state : std::uint8_t {
    established = 1,
    syn_sent,
    syn_received,
    fin_wait_1,
    fin_wait_2,
    time_wait,
    closed,
    close_wait,
    last_ack,
    listening,
    closing,
    new_syn_received,
};

// Returns "established", "fin_wait_1"...
std::string_view to_string(tcp_state state) noexcept;

// A field is empty if this kind of socket, or this kernel, does not report it. Thread safety: a value.
struct kernel_view {
    // ioctl SIOCINQ: bytes that arrived and were not received yet; for datagrams, only the bytes of the next one.
    std::optional<std::size_t> unread_bytes;
    // ioctl SIOCOUTQ. TCP: bytes that send() took and the peer's kernel has not acknowledged yet. Other sockets: the
    // memory that the sent bytes occupy, which is larger than their number. A Unix socket counts it until the peer has
    // received the bytes.
    std::optional<std::size_t> unacknowledged_bytes;
    // ioctl SIOCOUTQNSD, TCP: the part of unacknowledged_bytes that was never sent.
    std::optional<std::size_t> unsent_bytes;
    // SO_SNDBUF, SO_RCVBUF: room for bytes and the kernel's bookkeeping. TCP increases it as needed, tcp(7).
    std::optional<std::size_t> send_buffer_bytes;
    std::optional<std::size_t> receive_buffer_bytes;
    // SO_MEMINFO, SK_MEMINFO_DROPS: packets dropped because the receive buffer was full.
    std::optional<std::uint32_t> dropped_packets;

    // TCP_INFO, struct tcp_info of linux/tcp.h.
    std::optional<tcp_state> state;                          // tcpi_state
    std::optional<duration> rtt;                             // tcpi_rtt: smoothed, in whole microseconds
    std::optional<duration> rtt_variation;                   // tcpi_rttvar
    std::optional<duration> least_rtt;                       // tcpi_min_rtt (Linux 4.9)
    std::optional<duration> retransmission_timeout;          // tcpi_rto
    std::optional<std::uint32_t> retransmits_in_row;         // tcpi_retransmits: of the oldest unacknowledged segment
    std::optional<std::uint32_t> retransmitted_segments;     // tcpi_total_retrans: since the socket was connected
    std::optional<std::uint32_t> congestion_window;          // tcpi_snd_cwnd: segments
    std::optional<std::uint32_t> slow_start_threshold;       // tcpi_snd_ssthresh: segments; empty: not set yet
    std::optional<std::uint32_t> segment_bytes;              // tcpi_snd_mss
    std::optional<std::uint32_t> unacknowledged_segments;    // tcpi_unacked
    std::optional<std::uint64_t> pacing_bytes_per_second;    // tcpi_pacing_rate (Linux 3.15); empty: not paced
    std::optional<std::uint64_t> delivery_bytes_per_second;  // tcpi_delivery_rate (Linux 4.9)
    std::optional<std::uint64_t> acknowledged_bytes;         // tcpi_bytes_acked (Linux 4.1): by the peer, SYN included
    std::optional<std::uint64_t> received_bytes;             // tcpi_bytes_received (Linux 4.1)
    std::optional<std::uint32_t> peer_window_bytes;          // tcpi_snd_wnd (Linux 5.4): advertised by the peer
    // TCP_CONGESTION: "cubic".
    std::optional<std::string> congestion_algorithm;

    // For a listening TCP socket: the number of connections that wait for accept() (tcpi_unacked), and the limit that
    // listen() set (tcpi_sacked). Linux admits one connection more than the limit.
    std::optional<std::uint32_t> backlog;
    std::optional<std::uint32_t> backlog_limit;

    // Returns one line for each known field: "unread_bytes 5".
    std::string to_string() const;
};

// Reads the view of a socket. Fails only if it is not an open socket; a field that the socket does not report stays
// empty. The fields are read one after another, and bytes may move in between. Thread safety: any thread, while the
// socket stays open.
result<kernel_view> view_of(const socket& one);
// Does the same for a borrowed descriptor.
result<kernel_view> view_of(int fd);
// Reads unacknowledged_bytes alone, with one system call.
std::optional<std::size_t> unacknowledged_bytes_of(int fd) noexcept;

}  // namespace weir
