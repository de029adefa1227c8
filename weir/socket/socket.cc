#include "weir/socket/socket.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>

#include "weir/socket/internal/advice.h"
#include "weir/socket/internal/connecting.h"
#include "weir/socket/internal/native_address.h"
#include "weir/socket/internal/system_error.h"
#include "weir/socket/internal/wait.h"
#include "weir/socket/names/resolve.h"

namespace weir {
namespace {

int native_type(socket_type type) noexcept {
    switch (type) {
        case socket_type::stream: return SOCK_STREAM;
        case socket_type::datagram: return SOCK_DGRAM;
        case socket_type::seqpacket: return SOCK_SEQPACKET;
        case socket_type::raw: return SOCK_RAW;
    }
    return SOCK_STREAM;
}

// Any other type (AF_PACKET has such types) counts as a datagram socket, because it keeps message boundaries.
socket_type type_of(int native) noexcept {
    switch (native) {
        case SOCK_STREAM: return socket_type::stream;
        case SOCK_SEQPACKET: return socket_type::seqpacket;
        case SOCK_RAW: return socket_type::raw;
        default: return socket_type::datagram;
    }
}

address_family family_of(int native) noexcept {
    for (const auto family : {address_family::ipv4, address_family::ipv6, address_family::local}) {
        if (internal::native_family(family) == native) return family;
    }
    return address_family::none;
}

std::string describe(address_family family, socket_type type) {
    return std::string(to_string(family)).append(" ").append(to_string(type));
}

}  // namespace

// The errors after which the caller of accept(2) has to retry: the connection ended before it was accepted. accept(2)
// lists EOPNOTSUPP with them, but this function does not: a socket that cannot accept returns it at every call.
bool internal::ended_before_accept(int number) noexcept {
    switch (number) {
        case ECONNABORTED:
        case ENETDOWN:
        case EPROTO:
        case ENOPROTOOPT:
        case EHOSTDOWN:
        case ENONET:
        case EHOSTUNREACH:
        case ENETUNREACH: return true;
        default: return false;
    }
}

namespace {

// Returns the first address of a name in the family of this socket. If none has that family, returns the first address,
// which the kernel then refuses.
result<address> look_up(const socket& one, std::string_view text, const char* operation, deadline until = {}) {
    if (!one.is_open()) return internal::error_of(EBADF, operation, std::string(text));
    auto found = resolve(text, one.type(), until);
    if (!found) return found.error();
    for (auto& candidate : *found) {
        if (candidate.family() == one.family()) return std::move(candidate);
    }
    return std::move(found->front());
}

// Returns 0 or an errno value. An accept with a deadline that still blocks might never return.
int make_non_blocking(int fd) noexcept {
    const int flags = ::fcntl(fd, F_GETFL);
    if (flags < 0) return errno;
    return (flags & O_NONBLOCK) != 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 ? 0 : errno;
}

result<address> ask_name(int fd, const char* operation, int (*ask)(int, sockaddr*, socklen_t*)) {
    if (auto name = internal::name_of(fd, ask)) return *std::move(name);
    return internal::error_of(errno, operation);
}

}  // namespace

std::string_view to_string(socket_type type) noexcept {
    constexpr std::array<std::string_view, 4> types{"stream", "datagram", "seqpacket", "raw"};
    return types[static_cast<std::size_t>(type)];
}

// Opening and closing.

result<socket> socket::open(address_family family, socket_type type, int protocol) {
    descriptor made(::socket(internal::native_family(family), native_type(type) | SOCK_CLOEXEC, protocol));
    if (made.valid()) return socket(std::move(made), family, type);
    const int number = errno;
    return internal::error_of(number, "open", describe(family, type), internal::advice_on_open(number, family, type));
}

result<socket> socket::from_fd(int fd) {
    int type = 0;
    int domain = 0;
    socklen_t size = sizeof type;
    if (::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0 ||
        ::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0) {
        return internal::error_of(errno, "from_fd", std::to_string(fd));
    }
    const int flags = ::fcntl(fd, F_GETFL);
    if (flags < 0 || ::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
        return internal::error_of(errno, "from_fd", std::to_string(fd));
    socket made(descriptor(fd), family_of(domain), type_of(type));
    made.blocking_ = (flags & O_NONBLOCK) == 0;
    return made;
}

result<socket> socket::duplicate() const {
    descriptor copy(::fcntl(fd(), F_DUPFD_CLOEXEC, 0));
    if (!copy.valid()) return failed(errno, "duplicate");
    socket made(std::move(copy), family_, type_);
    made.blocking_ = blocking_;
    made.waits_itself_ = waits_itself_;
    return made;
}

result<std::pair<socket, socket>> socket_pair(socket_type type) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, native_type(type) | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return internal::error_of(errno, "socket_pair", describe(address_family::local, type));
    }
    return std::pair(socket(descriptor(ends[0]), address_family::local, type),
                     socket(descriptor(ends[1]), address_family::local, type));
}

result<void> socket::shutdown(half which) {
    const int native = which == half::send ? SHUT_WR : which == half::receive ? SHUT_RD : SHUT_RDWR;
    if (::shutdown(fd(), native) == 0) return {};
    return failed(errno, "shutdown");
}

result<void> socket::close() { return descriptor_.close(); }

int socket::release() noexcept {
    const int given = descriptor_.release();
    if (given < 0 || !blocking_ || !waits_itself_) return given;
    if (const int flags = ::fcntl(given, F_GETFL); flags >= 0 && (flags & O_NONBLOCK) != 0) {
        ::fcntl(given, F_SETFL, flags & ~O_NONBLOCK);
    }
    return given;
}

// Server side.

result<void> socket::bind(const address& here) {
    const auto native = internal::native_address::of(here);
    if (!native) return native.error().during("bind", here.to_string());
    if (::bind(fd(), native->data(), native->size) == 0) return {};
    const int number = errno;
    return internal::error_of(number, "bind", here.to_string(), internal::advice_on_bind(number, fd(), here));
}

result<void> socket::bind(std::string_view here) {
    auto literal = address::parse(here);
    if (!literal) literal = look_up(*this, here, "bind");
    return literal ? bind(*literal) : literal.error();
}

result<void> socket::listen(int backlog) {
    if (::listen(fd(), backlog) == 0) return {};
    const int number = errno;
    const auto here = local_address();
    if (!here) return internal::error_of(number, "listen");
    const std::string advice = number == EADDRINUSE ? internal::advice_on_taken(fd(), *here) : std::string();
    return internal::error_of(number, "listen", here->to_string(), advice);
}

result<accepted> socket::accept(deadline until) { return accept(accept_flags::none, until); }

result<accepted> socket::accept(accept_flags how, deadline until) {
    const int native = (has(how, accept_flags::non_blocking) ? SOCK_NONBLOCK : 0) |
                       (has(how, accept_flags::keep_on_exec) ? 0 : SOCK_CLOEXEC);
    int number = 0;
    if (!until.is_never()) {
        std::atomic_ref(waits_itself_).store(true, std::memory_order_relaxed);  // several threads may accept at once
        number = make_non_blocking(fd());
    }
    while (number == 0) {
        internal::native_address from;
        if (descriptor taken(::accept4(fd(), from.data(), &from.size, native)); taken.valid()) {
            accepted one{socket(std::move(taken), family_, type_), from.to_address()};
            one.connection.blocking_ = !has(how, accept_flags::non_blocking);
            one.connection.peer_ = one.peer;
            return one;
        }
        if (errno == EINTR || internal::ended_before_accept(errno)) continue;
        number = errno;
        if (number != EAGAIN) break;
        // Without a deadline, EAGAIN comes from a setting of the caller (non-blocking mode or SO_RCVTIMEO), unless an
        // earlier accept had a deadline.
        const bool wait = !until.is_never() || (blocking_ && (::fcntl(fd(), F_GETFL) & O_NONBLOCK) != 0);
        if (wait) number = internal::wait_until(fd(), internal::readiness::readable, until);
    }
    if (number == EAGAIN)
        return internal::error_of(number, "accept");  // usual after each burst, so there is no system call for the text
    const auto here = local_address();
    return internal::error_of(number, "accept", here ? here->to_string() : std::string(),
                              internal::advice_on_accept(number));
}

// Client side.

result<void> socket::connect(const address& peer, deadline until) {
    const auto native = internal::native_address::of(peer);
    if (!native) return native.error().during("connect", peer.to_string());
    const bool is_local = peer.family() == address_family::local;
    const int number =
        is_local ? internal::connect_local(fd(), *native, until) : internal::connect_ip(fd(), *native, until);
    if (number != 0)
        return internal::error_of(number, "connect", peer.to_string(), internal::advice_on_connect(number, fd(), peer));
    peer_ = peer;
    return {};
}

result<void> socket::connect(std::string_view peer, deadline until) {
    auto literal = address::parse(peer);
    if (!literal) literal = look_up(*this, peer, "connect", until);
    return literal ? connect(*literal, until) : literal.error();
}

// Addresses and options.

result<address> socket::local_address() const { return ask_name(fd(), "local address", ::getsockname); }

result<address> socket::peer_address() const { return ask_name(fd(), "peer address", ::getpeername); }

result<void> socket::set_blocking(bool blocking) {
    const int flags = ::fcntl(fd(), F_GETFL);
    if (flags < 0) return failed(errno, "set_blocking");
    const int wanted = blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
    if (wanted != flags && ::fcntl(fd(), F_SETFL, wanted) != 0) return failed(errno, "set_blocking");
    blocking_ = blocking;
    return {};
}

result<void> socket::set_option(int level, int number, bytes_view value) {
    if (::setsockopt(fd(), level, number, value.data(), static_cast<socklen_t>(value.size())) == 0) return {};
    return internal::error_of(errno, "set option", std::to_string(level) + "/" + std::to_string(number));
}

result<bytes> socket::get_option(int level, int number, std::size_t most) const {
    bytes value(most);
    auto size = static_cast<socklen_t>(most);
    if (::getsockopt(fd(), level, number, value.data(), &size) != 0) {
        return internal::error_of(errno, "get option", std::to_string(level) + "/" + std::to_string(number));
    }
    value.resize(size);
    return value;
}

result<void> socket::membership(int number, const char* operation, const address& group, unsigned interface_index) {
    const auto native = internal::native_address::of(group);
    if (!native) return native.error().during(operation, group.to_string());
    group_req asked{};
    asked.gr_interface = interface_index;
    std::memcpy(&asked.gr_group, native->data(), native->size);
    const int level = group.family() == address_family::ipv6 ? IPPROTO_IPV6 : IPPROTO_IP;
    if (::setsockopt(fd(), level, number, &asked, sizeof asked) == 0) return {};
    return internal::error_of(errno, operation, group.to_string(), internal::advice_on_group(errno, group));
}

result<void> socket::join(const address& group, unsigned interface_index) {
    return membership(MCAST_JOIN_GROUP, "join", group, interface_index);
}

result<void> socket::leave(const address& group, unsigned interface_index) {
    return membership(MCAST_LEAVE_GROUP, "leave", group, interface_index);
}

error socket::failed(int number, const char* operation, std::string_view hint) const {
    address peer = peer_;
    if (peer.family() == address_family::none && is_open()) {
        if (auto asked = peer_address()) peer = std::move(*asked);
    }
    const bool tells = peer.family() != address_family::none && !peer.is_unnamed();
    return internal::error_of(number, operation, tells ? peer.to_string() : std::string(), hint);
}

}  // namespace weir
