#include "weir/socket/internal/advice.h"

#include <sys/socket.h>

#include <cerrno>

#include "weir/socket/internal/native_address.h"

namespace weir::internal {
namespace {

// Returns the family of a socket, SO_DOMAIN of socket(7); none if it is unknown.
address_family family_of(int fd) noexcept {
    int domain = 0;
    socklen_t size = sizeof domain;
    if (::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0) return address_family::none;
    for (const auto family : {address_family::ipv4, address_family::ipv6, address_family::local}) {
        if (native_family(family) == domain) return family;
    }
    return address_family::none;
}

bool is_link_local(const address& one) {
    return one.family() == address_family::ipv6 && one.ipv6_octets()[0] == 0xfe &&
           (one.ipv6_octets()[1] & 0xc0) == 0x80;
}

// EINVAL and EAFNOSUPPORT have many causes. This distinguishes the usual ones.
std::string advice_on_mismatch(int number, int fd, const address& one) {
    if (number != EINVAL && number != EAFNOSUPPORT) return {};
    const address_family opened = family_of(fd);
    if (opened != address_family::none && opened != one.family()) {
        return "the socket was opened for " + std::string(to_string(opened)) + ", this is an address of " +
               std::string(to_string(one.family()));
    }
    if (is_link_local(one) && one.scope().empty()) {
        return "a link-local address needs its interface, as in [fe80::1%eth0]:80";
    }
    return {};
}

}  // namespace

std::string advice_on_open(int number, address_family family, socket_type type) {
    if ((number == EPERM || number == EACCES) && type == socket_type::raw) {
        return "raw sockets need root or the capability CAP_NET_RAW (sudo setcap cap_net_raw+ep PROGRAM); ICMP echo "
               "works without as a datagram socket, for the groups in the sysctl net.ipv4.ping_group_range";
    }
    if (number == EPROTONOSUPPORT && type == socket_type::raw) return "a raw socket must be told its protocol";
    if (number == EAFNOSUPPORT) return "this system has no " + std::string(to_string(family));
    return {};
}

std::string advice_on_bind(int number, int fd, const address& here) {
    if (number == EACCES && here.is_ip()) {
        return "ports below 1024 need root, the capability CAP_NET_BIND_SERVICE (sudo setcap cap_net_bind_service+ep "
               "PROGRAM), or a lower sysctl net.ipv4.ip_unprivileged_port_start";
    }
    if (number == EACCES) return "creating a file in that folder must be allowed";
    if (number == ENOENT && here.is_path()) return "the folder does not exist";
    if (auto mismatch = advice_on_mismatch(number, fd, here); !mismatch.empty()) return mismatch;
    if (number == EINVAL) return "the socket is bound already";
    return {};
}

std::string advice_on_connect(int number, int fd, const address& peer) {
    if (number == EACCES) return advice_on_send(number, peer);
    if (number == EADDRNOTAVAIL) {
        return "no local port is left to connect from (sysctl net.ipv4.ip_local_port_range), or port 0 was asked for";
    }
    if (number == EPROTOTYPE) return "the socket there is of another type";
    if (number == EINPROGRESS) return "the kernel goes on connecting: wait until writable, then read option::error";
    return advice_on_mismatch(number, fd, peer);
}

std::string advice_on_accept(int number) {
    if (number == EINVAL) return "the socket does not listen: call listen() first";
    if (number == EOPNOTSUPP) return "only stream and seqpacket sockets take connections";
    return {};
}

std::string advice_on_send(int number, const address& peer) {
    if (number == EACCES && peer.is_ip())
        return "a broadcast address needs option::broadcast, or a firewall forbids it";
    if (number == EACCES) return "writing to that socket file, and searching its folders, must be allowed";
    if (number == EPERM && peer.family() == address_family::local) {
        return "other credentials than one's own need CAP_SYS_ADMIN, CAP_SETUID and CAP_SETGID";
    }
    if (number == EPERM) return "a firewall forbids it";
    if (number == EMSGSIZE) {
        return "a datagram goes whole or not at all; over UDP it has at most 65507 bytes, less with "
               "option::mtu_discovery";
    }
    if (number == EDESTADDRREQ) return "the socket is not connected: say where to with send_to()";
    if (number == ETOOMANYREFS) return "too many descriptors are on their way already, RLIMIT_NOFILE";
    if (number == EPROTOTYPE) return "the socket there is of another type";
    return {};
}

std::string advice_on_group(int number, const address& group) {
    if (number == EINVAL) return "groups are 224.0.0.0 to 239.255.255.255, and IPv6 addresses that begin with ff";
    if (number == ENODEV) return "no route leads to the group: name the interface";
    if (number == EADDRINUSE) return "the socket has joined it already";
    if (number == EADDRNOTAVAIL) return "the socket has not joined it there";
    if (number == ENOBUFS) return "too many groups, see the sysctl net.ipv4.igmp_max_memberships";
    if (number == ENOPROTOOPT) return "the socket is not of the family " + std::string(to_string(group.family()));
    return {};
}

std::string advice_on_option(int number, std::string_view name) {
    if (number != EPERM && number != EACCES) return {};
    if (name == "bind_to_device") return "taking a socket off its interface needs root or the capability CAP_NET_RAW";
    if (name == "transparent") return "it needs root or the capability CAP_NET_ADMIN or CAP_NET_RAW";
    if (name == "congestion_control") {
        return "it needs root, the capability CAP_NET_ADMIN, or the algorithm in the sysctl "
               "net.ipv4.tcp_allowed_congestion_control";
    }
    return "it needs root or the capability CAP_NET_ADMIN (sudo setcap cap_net_admin+ep PROGRAM)";
}

}  // namespace weir::internal
