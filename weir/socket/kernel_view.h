// What the kernel holds of a socket at this moment: queued bytes, buffer sizes, and TCP's own statistics. A snapshot
// for people, tests and tools; asking costs a handful of system calls and changes nothing.
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

// The states of RFC 9293, as tcpi_state numbers them.
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

// "established", "fin_wait_1"...
std::string_view to_string(tcp_state state) noexcept;

// Each field is empty where this kind of socket, or this kernel, does not tell. Thread safety: a value.
struct kernel_view {
    // ioctl SIOCINQ: bytes that arrived and were not received yet; of datagrams only those of the next one.
    std::optional<std::size_t> unread_bytes;
    // ioctl SIOCOUTQ: TCP: bytes taken by send() and not acknowledged by the peer's kernel yet. Otherwise the memory
    // that they occupy, which is more than the bytes; for Unix sockets until the peer has received them.
    std::optional<std::size_t> unsent_bytes;
    // ioctl SIOCOUTQNSD: TCP: those of them that have not even been sent once.
    std::optional<std::size_t> not_yet_sent_bytes;
    // SO_SNDBUF, SO_RCVBUF: room for bytes and the kernel's bookkeeping; TCP lets it grow, tcp(7).
    std::optional<std::size_t> send_buffer_bytes;
    std::optional<std::size_t> receive_buffer_bytes;
    // SO_MEMINFO, SK_MEMINFO_DROPS: packets thrown away because the receive buffer was full.
    std::optional<std::uint32_t> dropped_packets;

    // TCP_INFO, struct tcp_info of linux/tcp.h.
    std::optional<tcp_state> state;                          // tcpi_state
    std::optional<duration> rtt;                             // tcpi_rtt: smoothed, by the microsecond
    std::optional<duration> rtt_variation;                   // tcpi_rttvar
    std::optional<duration> least_rtt;                       // tcpi_min_rtt (Linux 4.9)
    std::optional<duration> retransmission_timeout;          // tcpi_rto
    std::optional<std::uint32_t> retransmits_in_row;         // tcpi_retransmits: of the segment that is due
    std::optional<std::uint32_t> retransmitted_segments;     // tcpi_total_retrans: since it was connected
    std::optional<std::uint32_t> congestion_window;          // tcpi_snd_cwnd: segments
    std::optional<std::uint32_t> slow_start_threshold;       // tcpi_snd_ssthresh: segments; empty: none yet
    std::optional<std::uint32_t> segment_bytes;              // tcpi_snd_mss
    std::optional<std::uint32_t> unacknowledged_segments;    // tcpi_unacked
    std::optional<std::uint64_t> pacing_bytes_per_second;    // tcpi_pacing_rate (Linux 3.15); empty: not paced
    std::optional<std::uint64_t> delivery_bytes_per_second;  // tcpi_delivery_rate (Linux 4.9)
    std::optional<std::uint64_t> acknowledged_bytes;  // tcpi_bytes_acked (Linux 4.1): by the peer; the SYN counts
    std::optional<std::uint64_t> received_bytes;      // tcpi_bytes_received (Linux 4.1)
    std::optional<std::uint32_t> peer_window_bytes;   // tcpi_snd_wnd (Linux 5.4): room the peer announces
    // TCP_CONGESTION: "cubic".
    std::optional<std::string> congestion_algorithm;

    // Of a listening TCP socket: connections that wait for accept() (tcpi_unacked), and the limit that listen() set
    // (tcpi_sacked). Linux lets one more in than the limit says.
    std::optional<std::uint32_t> backlog;
    std::optional<std::uint32_t> backlog_limit;

    // One line a field that is known: "unread_bytes 5".
    std::string to_string() const;
};

// Asks. Fails only for what is no open socket; what a socket does not tell stays empty. The figures are asked for one
// after another: bytes may move in between. Thread safety: any thread that keeps the socket open meanwhile.
result<kernel_view> view_of(const socket& one);
// The same for a borrowed descriptor.
result<kernel_view> view_of(int fd);
// Its unsent_bytes alone, for one system call.
std::optional<std::size_t> unsent_bytes_of(int fd) noexcept;

}  // namespace weir
