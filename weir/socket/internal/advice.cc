#include "weir/socket/internal/advice.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <vector>

#include "weir/socket/internal/native_address.h"
#include "weir/socket/internal/socket_holders.h"
#include "weir/socket/option.h"

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

// EINVAL and EAFNOSUPPORT have many causes. This function distinguishes the usual ones.
std::string advice_on_mismatch(int number, int fd, const address& one) {
    if (number != EINVAL && number != EAFNOSUPPORT) return {};
    const address_family opened = family_of(fd);
    if (opened != address_family::none && opened != one.family()) {
        return "the family of the socket is " + std::string(to_string(opened)) + ", but the family of the address is " +
               std::string(to_string(one.family()));
    }
    if (is_link_local(one) && one.scope().empty()) {
        return "a link-local address needs its interface, as in [fe80::1%eth0]:80";
    }
    return {};
}

// The sockets that hold an address, grouped by what their programs do with it.
struct sorted_holders {
    explicit sorted_holders(const std::vector<socket_holder>& all, socket_type type) {
        for (const socket_holder& one : all) {
            const bool is_closed = one.state == tcp_state::closed;
            if (one.state == tcp_state::listening) listening = one;
            else if (one.state == tcp_state::time_wait) ++time_waits;
            else if (is_closed || type != socket_type::stream) bound = one;
            else if (!open || open->inode == 0) open = one;
        }
    }

    std::optional<socket_holder> listening;
    std::optional<socket_holder> open;   // a connection
    std::optional<socket_holder> bound;  // neither listening nor connected, or a datagram socket
    std::size_t time_waits = 0;
};

// Returns a text such as "nginx (process 812) listens there: stop it, or choose another port". `find` is the command
// that names the process.
std::string held(const socket_holder& by, const std::string& holds, const std::string& remedy,
                 const std::string& find) {
    const std::string process = process_with(by.inode);
    if (process == this_program) return process + " " + holds + " already: close that socket, " + remedy;
    if (!process.empty()) return process + " " + holds + ": stop it, " + remedy;
    return "another program " + holds + " (" + find + " names it): stop it, " + remedy;
}

std::string advice_on_taken_port(const address& here, const sorted_holders& found, socket_type type, bool reuses) {
    const std::string find = std::string(type == socket_type::stream ? "sudo ss -tanp" : "sudo ss -uanp") +
                             " 'sport = :" + std::to_string(here.port()) + "'";
    const std::string set_it = "a server sets option::reuse_address before bind(), as listen_on() does";
    const std::string wait = "their server did not set option::reuse_address, so wait until they are gone";
    if (found.listening) return held(*found.listening, "listens there", "or choose another port", find);
    if (found.open) {
        const std::string process = process_with(found.open->inode);
        return "connections of that port are open" + (process.empty() ? process : " in " + process) + ": " +
               (reuses ? wait : set_it);
    }
    if (found.bound) return held(*found.bound, "has bound that port", "or choose another port", find);
    if (found.time_waits == 0) return {};
    return "ended connections of that port are in TIME_WAIT, for a minute: " + (reuses ? wait : set_it);
}

std::string advice_on_taken_name(const address& here, const sorted_holders& found) {
    const std::string remedy = here.is_path() ? "or choose another path" : "or choose another name";
    const std::string find = "sudo ss -xap";
    if (found.listening) return held(*found.listening, "listens there", remedy, find);
    if (found.bound) return held(*found.bound, "has bound it", remedy, find);
    if (!here.is_path()) return {};
    return "no program has bound that file: if it is left over from a server that has exited, remove it, or use "
           "listen_on(), which removes it";
}

}  // namespace

std::string advice_on_taken(const address& here, socket_type type, bool reuses) {
    if (here.is_ip() && here.port() == 0) return "no port is free, see the sysctl net.ipv4.ip_local_port_range";
    const auto all = holders_of(here, type);
    if (!all) return {};
    const sorted_holders found(*all, type);
    return here.is_ip() ? advice_on_taken_port(here, found, type, reuses) : advice_on_taken_name(here, found);
}

std::string advice_on_taken(int fd, const address& here) {
    const auto type = option::type.read(fd);
    const auto reuses = option::reuse_address.read(fd);
    return type && reuses ? advice_on_taken(here, *type, *reuses) : std::string();
}

std::string advice_on_open(int number, address_family family, socket_type type) {
    if ((number == EPERM || number == EACCES) && type == socket_type::raw) {
        return "raw sockets need root or the capability CAP_NET_RAW (sudo setcap cap_net_raw+ep PROGRAM); ICMP echo "
               "needs neither with a datagram socket, for the groups in the sysctl net.ipv4.ping_group_range";
    }
    if (number == EPROTONOSUPPORT && type == socket_type::raw) return "a raw socket needs a protocol";
    if (number == EAFNOSUPPORT) return "this system has no " + std::string(to_string(family));
    return {};
}

std::string advice_on_bind(int number, int fd, const address& here) {
    if (number == EADDRINUSE) return advice_on_taken(fd, here);
    if (number == EACCES && here.is_ip()) {
        return "ports below 1024 need root, the capability CAP_NET_BIND_SERVICE (sudo setcap cap_net_bind_service+ep "
               "PROGRAM), or a lower sysctl net.ipv4.ip_unprivileged_port_start";
    }
    if (number == EACCES) return "the process needs permission to create a file in that folder";
    if (number == ENOENT && here.is_path()) return "the folder does not exist";
    if (auto mismatch = advice_on_mismatch(number, fd, here); !mismatch.empty()) return mismatch;
    if (number == EINVAL) return "the socket is bound already";
    return {};
}

std::string advice_on_connect(int number, int fd, const address& peer) {
    if (number == EACCES) return advice_on_send(number, peer);
    if (number == EADDRNOTAVAIL) {
        return "no local port is left to connect from (sysctl net.ipv4.ip_local_port_range), or the remote port is 0";
    }
    if (number == EPROTOTYPE) return "the socket at that address has another type";
    if (number == EINPROGRESS) return "the kernel is still connecting: wait until writable, then read option::error";
    return advice_on_mismatch(number, fd, peer);
}

std::string advice_on_accept(int number) {
    if (number == EINVAL) return "the socket does not listen: call listen() first";
    if (number == EOPNOTSUPP) return "only stream and seqpacket sockets accept connections";
    return {};
}

std::string advice_on_send(int number, const address& peer) {
    if (number == EACCES && peer.is_ip())
        return "a broadcast address needs option::broadcast, or a firewall forbids it";
    if (number == EACCES) return "the process needs permission to write to that socket file and to search its folders";
    if (number == EPERM && peer.family() == address_family::local) {
        return "credentials other than those of the process need CAP_SYS_ADMIN, CAP_SETUID and CAP_SETGID";
    }
    if (number == EPERM) return "a firewall forbids it";
    if (number == EMSGSIZE) {
        return "a datagram is sent whole or not at all; over UDP it has at most 65507 bytes, less with "
               "option::mtu_discovery";
    }
    if (number == EDESTADDRREQ) return "the socket is not connected: use send_to(), or connect() first";
    if (number == ETOOMANYREFS) return "too many descriptors are in flight already, see RLIMIT_NOFILE";
    if (number == EPROTOTYPE) return "the socket at that address has another type";
    return {};
}

std::string advice_on_group(int number, const address& group) {
    if (number == EINVAL) return "groups are 224.0.0.0 to 239.255.255.255, and IPv6 addresses that begin with ff";
    if (number == ENODEV) return "no route leads to the group: name the interface";
    if (number == EADDRINUSE) return "the socket has already joined this group";
    if (number == EADDRNOTAVAIL) return "the socket has not joined this group on that interface";
    if (number == ENOBUFS) return "too many groups, see the sysctl net.ipv4.igmp_max_memberships";
    if (number == ENOPROTOOPT) return "the socket is not of the family " + std::string(to_string(group.family()));
    return {};
}

std::string advice_on_option(int number, std::string_view name) {
    if (number != EPERM && number != EACCES) return {};
    if (name == "bind_to_device")
        return "detaching a socket from its interface needs root or the capability CAP_NET_RAW";
    if (name == "transparent") return "this option needs root or the capability CAP_NET_ADMIN or CAP_NET_RAW";
    if (name == "congestion_control") {
        return "this option needs root, the capability CAP_NET_ADMIN, or the algorithm in the sysctl "
               "net.ipv4.tcp_allowed_congestion_control";
    }
    return "this option needs root or the capability CAP_NET_ADMIN (sudo setcap cap_net_admin+ep PROGRAM)";
}

}  // namespace weir::internal
