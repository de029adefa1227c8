// Socket options with the type of their value: `socket.set(option::no_delay, true)`. A new option is one line here and
// one in option.cc; what has no name here goes through socket::set_option(level, number, bytes).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "weir/base/address.h"
#include "weir/base/error.h"
#include "weir/base/result.h"
#include "weir/base/time.h"
#include "weir/socket/credentials.h"
#include "weir/socket/option_values.h"
#include "weir/socket/socket_type.h"

namespace [[gnu::visibility("default")]] weir {

// What can only be read. T says the unit: std::size_t counts bytes, a duration is one of
// std::chrono (5s does for milliseconds, 1500ms does not compile for seconds); a name is a std::string.
// Thread safety: constants; any thread.
template <class T>
class socket_state {
public:
    constexpr socket_state(int level, int number, std::string_view name) noexcept
        : level_(level), number_(number), ipv6_number_(number), name_(name) {}
    // IPPROTO_IP or IPPROTO_IPV6 with a number of its own, as the socket's family demands.
    struct both_families {};
    constexpr socket_state(both_families, int ipv4_number, int ipv6_number, std::string_view name) noexcept
        : level_(0), number_(ipv4_number), ipv6_number_(ipv6_number), by_family_(true), name_(name) {}

    constexpr std::string_view name() const noexcept { return name_; }

    // getsockopt(2) on a borrowed descriptor.
    result<T> read(int fd) const;

protected:
    struct place {
        int level;
        int number;
    };
    result<place> find(int fd) const;

private:
    int level_;
    int number_;
    int ipv6_number_;
    bool by_family_ = false;
    std::string_view name_;
};

// What can be read and set.
// Thread safety: constants; any thread.
template <class T>
class socket_option : public socket_state<T> {
public:
    using socket_state<T>::socket_state;
    // Set by one number, read by another.
    constexpr socket_option(int level, int number, int number_to_read, std::string_view name) noexcept
        : socket_state<T>(level, number_to_read, name), number_to_set_(number) {}

    // setsockopt(2) on a borrowed descriptor.
    result<void> apply(int fd, const T& value) const;

private:
    int number_to_set_ = -1;  // the one that reads
};

namespace option {

// Any socket, socket(7).

// SO_REUSEADDR, socket(7): bind although old connections of that port are still in TIME_WAIT. On Linux it does not let
// two listeners share a port.
extern const socket_option<bool> reuse_address;
// SO_REUSEPORT: several sockets of one user bind the same port, also in different programs, silently.
extern const socket_option<bool> reuse_port;
// SO_BROADCAST: datagrams may go to broadcast addresses.
extern const socket_option<bool> broadcast;
// SO_DONTROUTE: only to directly attached networks.
extern const socket_option<bool> dont_route;
// SO_SNDBUF, SO_RCVBUF: Linux doubles what is set, caps it at net.core.wmem_max / rmem_max, and reads back the doubled
// figure, socket(7). Setting it ends automatic sizing.
extern const socket_option<std::size_t> send_buffer_bytes;
extern const socket_option<std::size_t> receive_buffer_bytes;
// SO_SNDBUFFORCE, SO_RCVBUFFORCE: the same beyond the cap, with CAP_NET_ADMIN; read back like those above.
extern const socket_option<std::size_t> send_buffer_bytes_forced;
extern const socket_option<std::size_t> receive_buffer_bytes_forced;
// SO_RCVLOWAT: a receive and poll(2) wait for so many bytes. Zero counts as one.
extern const socket_option<std::size_t> receive_low_water_bytes;
// SO_LINGER: how long close() waits for unsent bytes, in whole seconds (rounded up). nullopt: it does not wait, the
// kernel goes on sending. Zero: unsent bytes are thrown away and the peer is reset.
extern const socket_option<std::optional<duration>> linger;
// SO_OOBINLINE: the urgent byte comes in its place among the others.
extern const socket_option<bool> out_of_band_inline;
// SO_TIMESTAMPNS: received::arrived is told, in nanoseconds.
extern const socket_option<bool> timestamps;
// SO_PRIORITY: the queue a packet takes, 0 to 6; more with CAP_NET_ADMIN.
extern const socket_option<int> priority;
// SO_MARK: for routing and firewall rules; needs CAP_NET_ADMIN or CAP_NET_RAW. The 32 bits as an int.
extern const socket_option<int> mark;
// SO_BUSY_POLL: how long a receive polls the device before it sleeps; raising it needs CAP_NET_ADMIN.
extern const socket_option<std::chrono::microseconds> busy_poll;
// SO_BINDTODEVICE: only packets of that interface, by name; empty takes it back. Without rights only once.
extern const socket_option<std::string> bind_to_device;
// SO_INCOMING_CPU: the processor that handled the last packet; set, it steers a group of reuse_port listeners.
extern const socket_option<int> incoming_cpu;
// SO_MAX_PACING_RATE: bytes a second at most; nullopt is no limit. TCP paces by itself, others need the fq queue.
extern const socket_option<std::optional<std::uint64_t>> most_pacing_rate;
// SO_PEEK_OFF: where the next peek begins, in bytes; -1 always at the front. Unix sockets and UDP.
extern const socket_option<int> peek_offset;
// SO_PASSCRED, unix(7): received::sender is told.
extern const socket_option<bool> pass_credentials;

// TCP, tcp(7).

// SO_KEEPALIVE, socket(7): probe a silent peer (after two hours unless told otherwise).
extern const socket_option<bool> keep_alive;
// TCP_KEEPIDLE: the silence before the first probe, 1 s to 32767 s.
extern const socket_option<std::chrono::seconds> keep_alive_idle;
// TCP_KEEPINTVL: between probes, 1 s to 32767 s.
extern const socket_option<std::chrono::seconds> keep_alive_interval;
// TCP_KEEPCNT: probes without an answer until the connection is given up, 1 to 127.
extern const socket_option<int> keep_alive_count;
// TCP_USER_TIMEOUT: how long sent bytes may stay unacknowledged; 0 is the system's way (about 15 minutes).
extern const socket_option<std::chrono::milliseconds> user_timeout;
// TCP_NODELAY: do not hold small segments back (Nagle).
extern const socket_option<bool> no_delay;
// TCP_QUICKACK: acknowledge at once. Not lasting: the kernel goes back to delaying as it sees fit.
extern const socket_option<bool> quick_ack;
// TCP_CORK: send only full segments, for 200 ms at most; taking it off sends the rest.
extern const socket_option<bool> cork;
// TCP_DEFER_ACCEPT: a listener is told of a connection when data has come. Rounded up to retransmissions: 1, 3, 7... s.
extern const socket_option<std::chrono::seconds> defer_accept;
// TCP_FASTOPEN: a listener takes data with the first segment, of so many not yet finished connections. See the sysctl
// net.ipv4.tcp_fastopen.
extern const socket_option<int> fast_open;
// TCP_FASTOPEN_CONNECT: connect() returns at once, and the first send goes with the first segment.
extern const socket_option<bool> fast_open_connect;
// TCP_CONGESTION: the algorithm by name, see the sysctl net.ipv4.tcp_available_congestion_control.
extern const socket_option<std::string> congestion_control;
// TCP_MAXSEG: payload of a segment at most, 88 to 32767; reads as what is in force.
extern const socket_option<std::size_t> most_segment_bytes;
// TCP_NOTSENT_LOWAT: writable only below so many bytes that have not been sent yet.
extern const socket_option<std::size_t> not_sent_low_water_bytes;
// TCP_SYNCNT: how often connecting is tried again, 1 to 127.
extern const socket_option<int> syn_count;
// TCP_WINDOW_CLAMP: the window that is advertised at most.
extern const socket_option<std::size_t> window_clamp_bytes;

// IP: ip(7) and ipv6(7). Each is for both families, the socket's own decides.

// IPV6_V6ONLY: [::] does not take IPv4 as well. Only before bind.
extern const socket_option<bool> v6_only;
// IP_TTL, IPV6_UNICAST_HOPS: routers passed at most, 1 to 255; -1 is the system's.
extern const socket_option<int> hop_limit;
// IP_TOS, IPV6_TCLASS: 0 to 255, the upper six bits DSCP. The kernel keeps the two ECN bits of TCP to itself.
extern const socket_option<int> traffic_class;
// IP_MTU_DISCOVER, IPV6_MTU_DISCOVER: whether datagrams may be fragmented.
extern const socket_option<mtu_discovery> mtu_discover;
// IP_PKTINFO, IPV6_RECVPKTINFO: received::to and interface_index are told.
extern const socket_option<bool> packet_info;
// IP_RECVTTL, IPV6_RECVHOPLIMIT: received::hop_limit is told.
extern const socket_option<bool> receive_hop_limit;
// IP_RECVTOS, IPV6_RECVTCLASS: received::traffic_class is told.
extern const socket_option<bool> receive_traffic_class;
// IP_FREEBIND, IPV6_FREEBIND: bind to an address that this machine does not have (yet).
extern const socket_option<bool> free_bind;
// IP_TRANSPARENT, IPV6_TRANSPARENT: proxying for foreign addresses; needs CAP_NET_ADMIN or CAP_NET_RAW.
extern const socket_option<bool> transparent;
// IP_BIND_ADDRESS_NO_PORT: bind to port 0 leaves the choice to connect, so that more connections fit. Both families.
extern const socket_option<bool> port_at_connect;
// IP_MULTICAST_TTL, IPV6_MULTICAST_HOPS: 0 to 255 for multicast; 1, the default, stays in this network.
extern const socket_option<int> multicast_hop_limit;
// IP_MULTICAST_LOOP, IPV6_MULTICAST_LOOP: this machine hears what it sends. On by default.
extern const socket_option<bool> multicast_loop;
// IP_MULTICAST_IF: where IPv4 multicast leaves, by an IPv4 address of the interface (the port does not count).
extern const socket_option<address> multicast_interface;
// IPV6_MULTICAST_IF: where IPv6 multicast leaves, by number, see interface_index().
extern const socket_option<int> multicast_interface_index;

// Raw: raw(7), ipv6(7).

// IP_HDRINCL, IPV6_HDRINCL: what is sent begins with its IP header.
extern const socket_option<bool> header_included;
// IPV6_CHECKSUM, RFC 3542 section 3.1: where in the payload the kernel puts the checksum, an even number; -1: nowhere.
// Not for ICMPv6, where the kernel always does it.
extern const socket_option<int> checksum_offset;
// ICMP6_FILTER: which ICMPv6 types a raw socket receives.
extern const socket_option<icmp6_filter> icmp6;
// SO_RCVTIMEO and SO_SNDTIMEO have no name here: give the call a deadline.

// What can only be read.

// SO_TYPE.
extern const socket_state<socket_type> type;
// SO_PROTOCOL: IPPROTO_TCP and so on, 0 for Unix sockets.
extern const socket_state<int> protocol;
// SO_DOMAIN: the family.
extern const socket_state<address_family> domain;
// SO_ERROR: the error waiting on the socket, if any. Reading it takes it away.
extern const socket_state<std::optional<weir::error>> error;
// SO_ACCEPTCONN: listen() has been called.
extern const socket_state<bool> accepting;
// SO_PEERCRED, unix(7): who called connect, listen or socketpair on the other side, at that time.
extern const socket_state<credentials> peer_credentials;
// IP_MTU, IPV6_MTU: what the path takes, as far as is known. Connected sockets only.
extern const socket_state<std::size_t> path_mtu_bytes;

}  // namespace option
}  // namespace weir
