// Socket options with the type of their value: `socket.set(weir::option::no_delay, true)`. A new option is one line
// here and one in option.cc. For an option that has no name here use socket::set_option(level, number, bytes).
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

// An option that can only be read. The type T implies the unit: std::size_t means bytes, and a type of std::chrono is a
// duration (5s converts to milliseconds, 1500ms does not compile for seconds). A name is a std::string.
// Thread safety: constants; any thread.
template <class T>
class socket_state {
public:
    // Takes the level and the number for getsockopt(2), and the name for errors, which must be in static storage.
    constexpr socket_state(int level, int number, std::string_view name) noexcept
        : level_(level), number_(number), ipv6_number_(number), name_(name) {}
    // Marks an option of both families: IPPROTO_IP or IPPROTO_IPV6, each with its own number. The socket's family
    // selects one.
    struct both_families {};
    // Makes an option of both families, from its number in each family.
    constexpr socket_state(both_families, int ipv4_number, int ipv6_number, std::string_view name) noexcept
        : level_(0), number_(ipv4_number), ipv6_number_(ipv6_number), by_family_(true), name_(name) {}

    // Returns the name of the constant, such as "reuse_address".
    constexpr std::string_view name() const noexcept { return name_; }

    // Reads the option of a borrowed descriptor, getsockopt(2).
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

// An option that can be read and set.
// Thread safety: constants; any thread.
template <class T>
class socket_option : public socket_state<T> {
public:
    using socket_state<T>::socket_state;
    // Makes an option with one number to set and another one to read.
    constexpr socket_option(int level, int number, int number_to_read, std::string_view name) noexcept
        : socket_state<T>(level, number_to_read, name), number_to_set_(number) {}

    // Sets the option of a borrowed descriptor, setsockopt(2).
    result<void> apply(int fd, const T& value) const;

private:
    int number_to_set_ = -1;  // negative: the same number as for reading
};

namespace option {

// Any socket, socket(7).

// SO_REUSEADDR, socket(7): bind() succeeds although old connections of the port are still in TIME_WAIT. The old sockets
// must have had the option, too, so set it before each bind() of a listener. On Linux it does not let two listeners
// share a port.
extern const socket_option<bool> reuse_address;
// SO_REUSEPORT: several sockets of one user may bind the same port, also in different programs. No program is notified
// of this.
extern const socket_option<bool> reuse_port;
// SO_BROADCAST: datagrams may be sent to broadcast addresses.
extern const socket_option<bool> broadcast;
// SO_DONTROUTE: sends only to directly attached networks.
extern const socket_option<bool> dont_route;
// SO_SNDBUF, SO_RCVBUF: Linux limits the value to net.core.wmem_max / rmem_max and doubles it; reading returns the
// doubled value, socket(7). Setting it ends automatic sizing.
extern const socket_option<std::size_t> send_buffer_bytes;
extern const socket_option<std::size_t> receive_buffer_bytes;
// SO_SNDBUFFORCE, SO_RCVBUFFORCE: set the same sizes without the limit; needs CAP_NET_ADMIN. Reading is the same as
// above.
extern const socket_option<std::size_t> send_buffer_bytes_forced;
extern const socket_option<std::size_t> receive_buffer_bytes_forced;
// SO_RCVLOWAT: a receive and poll(2) wait for this number of bytes. Zero counts as one.
extern const socket_option<std::size_t> receive_low_water_bytes;
// SO_LINGER: how long close() waits for unsent bytes, in whole seconds (rounded up). nullopt: close() does not wait,
// and the kernel continues to send. Zero: close() drops unsent bytes and resets the peer.
extern const socket_option<std::optional<duration>> linger;
// SO_OOBINLINE: the urgent byte is received in its place among the other bytes.
extern const socket_option<bool> out_of_band_inline;
// SO_TIMESTAMPNS: sets received::arrived, in nanoseconds.
extern const socket_option<bool> timestamps;
// SO_PRIORITY: the priority of outgoing packets, 0 to 6; a higher value needs CAP_NET_ADMIN.
extern const socket_option<int> priority;
// SO_MARK: a mark for routing and firewall rules, 32 bits as an int; needs CAP_NET_ADMIN or CAP_NET_RAW.
extern const socket_option<int> mark;
// SO_BUSY_POLL: how long a receive polls the device before it sleeps. Raising it needs CAP_NET_ADMIN.
extern const socket_option<std::chrono::microseconds> busy_poll;
// SO_BINDTODEVICE: the socket uses only the interface with this name; an empty name removes the restriction. Without
// CAP_NET_RAW it can be set only once.
extern const socket_option<std::string> bind_to_device;
// SO_INCOMING_CPU: reads the processor that handled the last packet. Setting it assigns the socket to a processor
// within a group of reuse_port listeners.
extern const socket_option<int> incoming_cpu;
// SO_MAX_PACING_RATE: the maximum number of bytes a second; nullopt is no limit. TCP paces by itself; other protocols
// need the queueing discipline fq.
extern const socket_option<std::optional<std::uint64_t>> most_pacing_rate;
// SO_PEEK_OFF: the offset in bytes at which the next peek begins; with -1 each peek begins at the front. Unix sockets
// and UDP only.
extern const socket_option<int> peek_offset;
// SO_PASSCRED, unix(7): sets received::sender.
extern const socket_option<bool> pass_credentials;

// TCP, tcp(7).

// SO_KEEPALIVE, socket(7): probes a silent peer, by default after two hours.
extern const socket_option<bool> keep_alive;
// TCP_KEEPIDLE: the silence before the first probe, 1 s to 32767 s.
extern const socket_option<std::chrono::seconds> keep_alive_idle;
// TCP_KEEPINTVL: the time between probes, 1 s to 32767 s.
extern const socket_option<std::chrono::seconds> keep_alive_interval;
// TCP_KEEPCNT: how many unanswered probes make the connection fail, 1 to 127.
extern const socket_option<int> keep_alive_count;
// TCP_USER_TIMEOUT: how long sent bytes may stay unacknowledged. 0 is the default of the system (about 15 minutes).
extern const socket_option<std::chrono::milliseconds> user_timeout;
// TCP_NODELAY: sends small segments at once (turns off Nagle's algorithm).
extern const socket_option<bool> no_delay;
// TCP_QUICKACK: acknowledges at once. Not permanent: the kernel may return to delayed acknowledgments.
extern const socket_option<bool> quick_ack;
// TCP_CORK: sends only full segments, for 200 ms at most. Clearing it sends the rest.
extern const socket_option<bool> cork;
// TCP_DEFER_ACCEPT: a listener reports a connection only after data has arrived. The time is rounded up to the time of
// a retransmission: 1, 3, 7... s.
extern const socket_option<std::chrono::seconds> defer_accept;
// TCP_FASTOPEN: a listener accepts data with the first segment, for at most this many connections that are not yet
// established. See the sysctl net.ipv4.tcp_fastopen.
extern const socket_option<int> fast_open;
// TCP_FASTOPEN_CONNECT: connect() returns at once, and the data of the first send is sent with the first segment.
extern const socket_option<bool> fast_open_connect;
// TCP_CONGESTION: the name of the algorithm, see the sysctl net.ipv4.tcp_available_congestion_control.
extern const socket_option<std::string> congestion_control;
// TCP_MAXSEG: the maximum payload of a segment, 88 to 32767. Reading returns the size in force.
extern const socket_option<std::size_t> most_segment_bytes;
// TCP_NOTSENT_LOWAT: the socket is writable only while it holds fewer unsent bytes than this.
extern const socket_option<std::size_t> not_sent_low_water_bytes;
// TCP_SYNCNT: how often connect() repeats the SYN, 1 to 127.
extern const socket_option<int> syn_count;
// TCP_WINDOW_CLAMP: the maximum window that is advertised.
extern const socket_option<std::size_t> window_clamp_bytes;

// IP: ip(7) and ipv6(7). An option with two names is for both families; the socket's family selects one.

// IPV6_V6ONLY: [::] does not accept IPv4. Set it before bind().
extern const socket_option<bool> v6_only;
// IP_TTL, IPV6_UNICAST_HOPS: the maximum number of routers on the path, 1 to 255; -1 is the default of the system.
extern const socket_option<int> hop_limit;
// IP_TOS, IPV6_TCLASS: 0 to 255; the upper six bits are the DSCP. The kernel controls the two ECN bits of TCP itself.
extern const socket_option<int> traffic_class;
// IP_MTU_DISCOVER, IPV6_MTU_DISCOVER: whether datagrams may be fragmented.
extern const socket_option<mtu_discovery> mtu_discover;
// IP_PKTINFO, IPV6_RECVPKTINFO: sets received::to and received::interface_index.
extern const socket_option<bool> packet_info;
// IP_RECVTTL, IPV6_RECVHOPLIMIT: sets received::hop_limit.
extern const socket_option<bool> receive_hop_limit;
// IP_RECVTOS, IPV6_RECVTCLASS: sets received::traffic_class.
extern const socket_option<bool> receive_traffic_class;
// IP_FREEBIND, IPV6_FREEBIND: bind() accepts an address that this machine does not have (yet).
extern const socket_option<bool> free_bind;
// IP_TRANSPARENT, IPV6_TRANSPARENT: a proxy may use foreign addresses; needs CAP_NET_ADMIN or CAP_NET_RAW.
extern const socket_option<bool> transparent;
// IP_BIND_ADDRESS_NO_PORT: after a bind to port 0, connect() chooses the port, so that more connections are possible.
// For both families.
extern const socket_option<bool> port_at_connect;
// IP_MULTICAST_TTL, IPV6_MULTICAST_HOPS: 0 to 255 for multicast; with 1, the default, packets stay in the local
// network.
extern const socket_option<int> multicast_hop_limit;
// IP_MULTICAST_LOOP, IPV6_MULTICAST_LOOP: this machine also receives the multicast that it sends. On by default.
extern const socket_option<bool> multicast_loop;
// IP_MULTICAST_IF: the interface for outgoing IPv4 multicast, given by one of its IPv4 addresses; the port is ignored.
extern const socket_option<address> multicast_interface;
// IPV6_MULTICAST_IF: the interface for outgoing IPv6 multicast, by number, see interface_index().
extern const socket_option<int> multicast_interface_index;

// Raw: raw(7), ipv6(7).

// IP_HDRINCL, IPV6_HDRINCL: sent data begins with its IP header.
extern const socket_option<bool> header_included;
// IPV6_CHECKSUM, RFC 3542 section 3.1: the offset in the payload where the kernel puts the checksum, an even number;
// -1: no checksum. Not for ICMPv6, where the kernel always adds the checksum.
extern const socket_option<int> checksum_offset;
// ICMP6_FILTER: which ICMPv6 types a raw socket receives.
extern const socket_option<icmp6_filter> icmp6;
// SO_RCVTIMEO and SO_SNDTIMEO have no name here: pass a deadline to the call.

// Options that can only be read.

// SO_TYPE.
extern const socket_state<socket_type> type;
// SO_PROTOCOL: IPPROTO_TCP and so on, 0 for Unix sockets.
extern const socket_state<int> protocol;
// SO_DOMAIN: the family.
extern const socket_state<address_family> domain;
// SO_ERROR: the pending error of the socket, if any. Reading it clears it.
extern const socket_state<std::optional<weir::error>> error;
// SO_ACCEPTCONN: whether listen() has been called.
extern const socket_state<bool> accepting;
// SO_PEERCRED, unix(7): the peer's process, as it was when it called connect(2), listen(2) or socketpair(2).
extern const socket_state<credentials> peer_credentials;
// IP_MTU, IPV6_MTU: the path MTU, as far as it is known. Connected sockets only.
extern const socket_state<std::size_t> path_mtu_bytes;

}  // namespace option
}  // namespace weir
