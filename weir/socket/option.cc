#include "weir/socket/option.h"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <string>
#include <type_traits>

#include "weir/socket/internal/advice.h"
#include "weir/socket/internal/native_address.h"
#include "weir/socket/internal/system_error.h"

namespace weir {
namespace {

// The layout of a value in the kernel: `native` is its type. encode() returns nothing for a value that does not fit.
template <class T>
struct layout;

template <>
struct layout<bool> {
    using native = int;
    static std::optional<native> encode(bool value) { return value ? 1 : 0; }
    static bool decode(native value) { return value != 0; }
};

template <>
struct layout<int> {
    using native = int;
    static std::optional<native> encode(int value) { return value; }
    static int decode(native value) { return value; }
};

template <>
struct layout<std::size_t> {
    using native = int;
    static std::optional<native> encode(std::size_t value) {
        if (value > INT_MAX) return std::nullopt;
        return static_cast<int>(value);
    }
    static std::size_t decode(native value) { return static_cast<std::size_t>(std::max(value, 0)); }
};

template <>
struct layout<std::optional<std::uint64_t>> {
    using native = std::uint64_t;
    static constexpr native no_limit = ~native{0};
    static std::optional<native> encode(std::optional<std::uint64_t> value) { return value.value_or(no_limit); }
    static std::optional<std::uint64_t> decode(native value) {
        if (value == no_limit) return std::nullopt;
        return value;
    }
};

// Durations: the type has the unit that the kernel uses.
template <class Unit>
struct layout<std::chrono::duration<std::int64_t, Unit>> {
    using native = int;
    static std::optional<native> encode(std::chrono::duration<std::int64_t, Unit> value) {
        if (value.count() < 0 || value.count() > INT_MAX) return std::nullopt;
        return static_cast<int>(value.count());
    }
    static auto decode(native value) { return std::chrono::duration<std::int64_t, Unit>(value); }
};

template <>
struct layout<std::string> {
    using native = std::array<char, 16>;  // IFNAMSIZ, TCP_CA_NAME_MAX
    static std::optional<native> encode(const std::string& value) {
        native made{};
        if (value.size() >= made.size() || value.find('\0') != value.npos) return std::nullopt;
        std::copy(value.begin(), value.end(), made.begin());
        return made;
    }
    static std::string decode(const native& value) {
        return {value.begin(), std::find(value.begin(), value.end(), '\0')};
    }
};

template <>
struct layout<mtu_discovery> {
    using native = int;
    static std::optional<native> encode(mtu_discovery value) { return static_cast<int>(value); }
    static mtu_discovery decode(native value) { return static_cast<mtu_discovery>(value); }
};

template <>
struct layout<icmp6_filter> {
    using native = icmp6_filter;
    static std::optional<native> encode(const icmp6_filter& value) { return value; }
    static icmp6_filter decode(const native& value) { return value; }
};

template <>
struct layout<address> {
    using native = in_addr;
    static std::optional<native> encode(const address& value) {
        if (value.family() != address_family::ipv4) return std::nullopt;
        native made{};
        std::memcpy(&made, value.ipv4_octets().data(), sizeof made);
        return made;
    }
    static address decode(const native& value) {
        std::array<std::uint8_t, 4> octets{};
        std::memcpy(octets.data(), &value, octets.size());
        return address::ipv4(octets, 0);
    }
};

template <>
struct layout<credentials> {
    using native = ucred;
    static credentials decode(const native& value) { return {value.pid, value.uid, value.gid}; }
};

template <>
struct layout<socket_type> {
    using native = int;
    static socket_type decode(native value) {
        switch (value) {
            case SOCK_STREAM: return socket_type::stream;
            case SOCK_SEQPACKET: return socket_type::seqpacket;
            case SOCK_RAW: return socket_type::raw;
            default: return socket_type::datagram;
        }
    }
};

template <>
struct layout<address_family> {
    using native = int;
    static address_family decode(native value) {
        for (const auto one : {address_family::ipv4, address_family::ipv6, address_family::local}) {
            if (internal::native_family(one) == value) return one;
        }
        return address_family::none;
    }
};

template <>
struct layout<std::optional<duration>> {
    using native = ::linger;
    static std::optional<native> encode(const std::optional<duration>& value) {
        if (!value) return native{0, 0};
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(*value).count();
        if (seconds < 0 || seconds > INT_MAX) return std::nullopt;
        return native{1, static_cast<int>(seconds)};
    }
    static std::optional<duration> decode(native value) {
        if (value.l_onoff == 0) return std::nullopt;
        return std::chrono::seconds(value.l_linger);
    }
};

template <>
struct layout<std::optional<error>> {
    using native = int;
    static std::optional<error> decode(native value) {
        if (value == 0) return std::nullopt;
        return internal::error_of(value, "pending error");
    }
};

}  // namespace

template <class T>
result<typename socket_state<T>::place> socket_state<T>::find(int fd) const {
    if (!by_family_) return place{level_, number_};
    int domain = 0;
    socklen_t size = sizeof domain;
    if (::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0)
        return internal::error_of(errno, "option", std::string(name_));
    return domain == AF_INET6 ? place{IPPROTO_IPV6, ipv6_number_} : place{IPPROTO_IP, number_};
}

template <class T>
result<T> socket_state<T>::read(int fd) const {
    const auto where = find(fd);
    if (!where) return where.error().during("get option", std::string(name_));
    typename layout<T>::native native{};
    socklen_t size = sizeof native;
    if (::getsockopt(fd, where->level, where->number, &native, &size) == 0) return layout<T>::decode(native);
    return internal::error_of(errno, "get option", std::string(name_));
}

template <class T>
result<void> socket_option<T>::apply(int fd, const T& value) const {
    const auto native = layout<T>::encode(value);
    const std::string name(this->name());
    if (!native) return error(errc::invalid, "set option", name, "the value is out of the kernel's range");
    const auto where = this->find(fd);
    if (!where) return where.error().during("set option", name);
    const int number = number_to_set_ < 0 ? where->number : number_to_set_;
    if (::setsockopt(fd, where->level, number, &*native, sizeof *native) == 0) return {};
    const int failed = errno;
    return internal::error_of(failed, "set option", name, internal::advice_on_option(failed, name));
}

template class socket_state<bool>;
template class socket_state<std::size_t>;
template class socket_state<std::optional<duration>>;
template class socket_state<int>;
template class socket_state<std::chrono::microseconds>;
template class socket_state<std::string>;
template class socket_state<std::optional<std::uint64_t>>;
template class socket_state<std::chrono::seconds>;
template class socket_state<std::chrono::milliseconds>;
template class socket_state<mtu_discovery>;
template class socket_state<address>;
template class socket_state<icmp6_filter>;
template class socket_state<socket_type>;
template class socket_state<address_family>;
template class socket_state<std::optional<weir::error>>;
template class socket_state<credentials>;
template class socket_option<bool>;
template class socket_option<std::size_t>;
template class socket_option<std::optional<duration>>;
template class socket_option<int>;
template class socket_option<std::chrono::microseconds>;
template class socket_option<std::string>;
template class socket_option<std::optional<std::uint64_t>>;
template class socket_option<std::chrono::seconds>;
template class socket_option<std::chrono::milliseconds>;
template class socket_option<mtu_discovery>;
template class socket_option<address>;
template class socket_option<icmp6_filter>;

namespace option {
namespace {

constexpr int ipv6_free_bind = 78;  // IPV6_FREEBIND of linux/in6.h, which conflicts with netinet/in.h

}  // namespace

// Any socket, socket(7).
constinit const socket_option<bool> reuse_address{SOL_SOCKET, SO_REUSEADDR, "reuse_address"};
constinit const socket_option<bool> reuse_port{SOL_SOCKET, SO_REUSEPORT, "reuse_port"};
constinit const socket_option<bool> broadcast{SOL_SOCKET, SO_BROADCAST, "broadcast"};
constinit const socket_option<bool> dont_route{SOL_SOCKET, SO_DONTROUTE, "dont_route"};
constinit const socket_option<std::size_t> send_buffer_bytes{SOL_SOCKET, SO_SNDBUF, "send_buffer_bytes"};
constinit const socket_option<std::size_t> receive_buffer_bytes{SOL_SOCKET, SO_RCVBUF, "receive_buffer_bytes"};
constinit const socket_option<std::size_t> send_buffer_bytes_forced{SOL_SOCKET, SO_SNDBUFFORCE, SO_SNDBUF,
                                                                    "send_buffer_bytes_forced"};
constinit const socket_option<std::size_t> receive_buffer_bytes_forced{SOL_SOCKET, SO_RCVBUFFORCE, SO_RCVBUF,
                                                                       "receive_buffer_bytes_forced"};
constinit const socket_option<std::size_t> receive_low_water_bytes{SOL_SOCKET, SO_RCVLOWAT, "receive_low_water_bytes"};
constinit const socket_option<std::optional<duration>> linger{SOL_SOCKET, SO_LINGER, "linger"};
constinit const socket_option<bool> out_of_band_inline{SOL_SOCKET, SO_OOBINLINE, "out_of_band_inline"};
constinit const socket_option<bool> timestamps{SOL_SOCKET, SO_TIMESTAMPNS, "timestamps"};
constinit const socket_option<int> priority{SOL_SOCKET, SO_PRIORITY, "priority"};
constinit const socket_option<int> mark{SOL_SOCKET, SO_MARK, "mark"};
constinit const socket_option<std::chrono::microseconds> busy_poll{SOL_SOCKET, SO_BUSY_POLL, "busy_poll"};
constinit const socket_option<std::string> bind_to_device{SOL_SOCKET, SO_BINDTODEVICE, "bind_to_device"};
constinit const socket_option<int> incoming_cpu{SOL_SOCKET, SO_INCOMING_CPU, "incoming_cpu"};
constinit const socket_option<std::optional<std::uint64_t>> most_pacing_rate{SOL_SOCKET, SO_MAX_PACING_RATE,
                                                                             "most_pacing_rate"};
constinit const socket_option<int> peek_offset{SOL_SOCKET, SO_PEEK_OFF, "peek_offset"};
constinit const socket_option<bool> pass_credentials{SOL_SOCKET, SO_PASSCRED, "pass_credentials"};

// TCP, tcp(7).
constinit const socket_option<bool> keep_alive{SOL_SOCKET, SO_KEEPALIVE, "keep_alive"};
constinit const socket_option<std::chrono::seconds> keep_alive_idle{IPPROTO_TCP, TCP_KEEPIDLE, "keep_alive_idle"};
constinit const socket_option<std::chrono::seconds> keep_alive_interval{IPPROTO_TCP, TCP_KEEPINTVL,
                                                                        "keep_alive_interval"};
constinit const socket_option<int> keep_alive_count{IPPROTO_TCP, TCP_KEEPCNT, "keep_alive_count"};
constinit const socket_option<std::chrono::milliseconds> user_timeout{IPPROTO_TCP, TCP_USER_TIMEOUT, "user_timeout"};
constinit const socket_option<bool> no_delay{IPPROTO_TCP, TCP_NODELAY, "no_delay"};
constinit const socket_option<bool> quick_ack{IPPROTO_TCP, TCP_QUICKACK, "quick_ack"};
constinit const socket_option<bool> cork{IPPROTO_TCP, TCP_CORK, "cork"};
constinit const socket_option<std::chrono::seconds> defer_accept{IPPROTO_TCP, TCP_DEFER_ACCEPT, "defer_accept"};
constinit const socket_option<int> fast_open{IPPROTO_TCP, TCP_FASTOPEN, "fast_open"};
constinit const socket_option<bool> fast_open_connect{IPPROTO_TCP, TCP_FASTOPEN_CONNECT, "fast_open_connect"};
constinit const socket_option<std::string> congestion_control{IPPROTO_TCP, TCP_CONGESTION, "congestion_control"};
constinit const socket_option<std::size_t> most_segment_bytes{IPPROTO_TCP, TCP_MAXSEG, "most_segment_bytes"};
constinit const socket_option<std::size_t> not_sent_low_water_bytes{IPPROTO_TCP, TCP_NOTSENT_LOWAT,
                                                                    "not_sent_low_water_bytes"};
constinit const socket_option<int> syn_count{IPPROTO_TCP, TCP_SYNCNT, "syn_count"};
constinit const socket_option<std::size_t> window_clamp_bytes{IPPROTO_TCP, TCP_WINDOW_CLAMP, "window_clamp_bytes"};

// IP.
constinit const socket_option<bool> v6_only{IPPROTO_IPV6, IPV6_V6ONLY, "v6_only"};
constinit const socket_option<int> hop_limit{socket_state<int>::both_families(), IP_TTL, IPV6_UNICAST_HOPS,
                                             "hop_limit"};
constinit const socket_option<int> traffic_class{socket_state<int>::both_families(), IP_TOS, IPV6_TCLASS,
                                                 "traffic_class"};
constinit const socket_option<mtu_discovery> mtu_discover{socket_state<mtu_discovery>::both_families(), IP_MTU_DISCOVER,
                                                          IPV6_MTU_DISCOVER, "mtu_discover"};
constinit const socket_option<bool> packet_info{socket_state<bool>::both_families(), IP_PKTINFO, IPV6_RECVPKTINFO,
                                                "packet_info"};
constinit const socket_option<bool> receive_hop_limit{socket_state<bool>::both_families(), IP_RECVTTL,
                                                      IPV6_RECVHOPLIMIT, "receive_hop_limit"};
constinit const socket_option<bool> receive_traffic_class{socket_state<bool>::both_families(), IP_RECVTOS,
                                                          IPV6_RECVTCLASS, "receive_traffic_class"};
constinit const socket_option<bool> free_bind{socket_state<bool>::both_families(), IP_FREEBIND, ipv6_free_bind,
                                              "free_bind"};
constinit const socket_option<bool> transparent{socket_state<bool>::both_families(), IP_TRANSPARENT, IPV6_TRANSPARENT,
                                                "transparent"};
constinit const socket_option<bool> port_at_connect{IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, "port_at_connect"};
constinit const socket_option<int> multicast_hop_limit{socket_state<int>::both_families(), IP_MULTICAST_TTL,
                                                       IPV6_MULTICAST_HOPS, "multicast_hop_limit"};
constinit const socket_option<bool> multicast_loop{socket_state<bool>::both_families(), IP_MULTICAST_LOOP,
                                                   IPV6_MULTICAST_LOOP, "multicast_loop"};
constinit const socket_option<address> multicast_interface{IPPROTO_IP, IP_MULTICAST_IF, "multicast_interface"};
constinit const socket_option<int> multicast_interface_index{IPPROTO_IPV6, IPV6_MULTICAST_IF,
                                                             "multicast_interface_index"};

// Raw.
constinit const socket_option<bool> header_included{socket_state<bool>::both_families(), IP_HDRINCL, IPV6_HDRINCL,
                                                    "header_included"};
constinit const socket_option<int> checksum_offset{IPPROTO_IPV6, IPV6_CHECKSUM, "checksum_offset"};
constinit const socket_option<icmp6_filter> icmp6{IPPROTO_ICMPV6, ICMP6_FILTER, "icmp6"};

// Options that can only be read.
constinit const socket_state<socket_type> type{SOL_SOCKET, SO_TYPE, "type"};
constinit const socket_state<int> protocol{SOL_SOCKET, SO_PROTOCOL, "protocol"};
constinit const socket_state<address_family> domain{SOL_SOCKET, SO_DOMAIN, "domain"};
constinit const socket_state<std::optional<weir::error>> error{SOL_SOCKET, SO_ERROR, "error"};
constinit const socket_state<bool> accepting{SOL_SOCKET, SO_ACCEPTCONN, "accepting"};
constinit const socket_state<credentials> peer_credentials{SOL_SOCKET, SO_PEERCRED, "peer_credentials"};
constinit const socket_state<std::size_t> path_mtu_bytes{socket_state<std::size_t>::both_families(), IP_MTU, IPV6_MTU,
                                                         "path_mtu_bytes"};

}  // namespace option
}  // namespace weir
