#include "weir/socket/socket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <string>

#include "weir/socket/advice.h"
#include "weir/socket/connecting.h"
#include "weir/socket/native_address.h"
#include "weir/socket/resolve.h"
#include "weir/socket/system_error.h"
#include "weir/socket/wait.h"

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

std::string describe(address_family family, socket_type type) {
    constexpr std::array<std::string_view, 4> types{"stream", "datagram", "seqpacket", "raw"};
    return std::string(to_string(family)).append(" ").append(types[static_cast<std::size_t>(type)]);
}

// The errors after which accept(2) says to try again: the connection had ended before it was taken. EOPNOTSUPP is on
// that list too, but it is also what a socket that cannot accept says, every time.
bool ended_before_accept(int number) noexcept {
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

// A call that moves bytes: `call(flags)` is the system call. The result, or a negative errno value.
template <class Call>
ssize_t transfer(int fd, readiness wanted, deadline until, Call call) noexcept {
    const int flags = until.is_never() ? 0 : MSG_DONTWAIT;
    for (;;) {
        const ssize_t moved = call(flags);
        if (moved >= 0) return moved;
        if (errno == EINTR) continue;
        if (errno != EAGAIN || until.is_never()) return -errno;
        if (const int number = wait_until(fd, wanted, until); number != 0) return -number;
    }
}

// What is left to send of several pieces, as the kernel takes it, a window at a time.
class gather {
public:
    explicit gather(std::span<const bytes_view> pieces) noexcept : pieces_(pieces) {
        for (const auto piece : pieces) left_ += piece.size();
    }

    std::size_t left() const noexcept { return left_; }

    // One system call for as much as fits into the window.
    ssize_t send(int fd, int flags) noexcept {
        std::array<iovec, 16> window{};
        std::size_t count = 0;
        std::size_t offset = offset_;
        for (std::size_t i = first_; i < pieces_.size() && count < window.size(); ++i) {
            const bytes_view rest = pieces_[i].from(offset);
            offset = 0;
            if (!rest.empty()) window[count++] = {const_cast<std::byte*>(rest.data()), rest.size()};
        }
        if (count <= 1) return ::send(fd, window[0].iov_base, window[0].iov_len, flags);
        msghdr message{};
        message.msg_iov = window.data();
        message.msg_iovlen = count;
        return ::sendmsg(fd, &message, flags);
    }

    void sent(std::size_t count) noexcept {
        left_ -= count;
        offset_ += count;
        while (first_ < pieces_.size() && offset_ >= pieces_[first_].size()) offset_ -= pieces_[first_++].size();
    }

private:
    std::span<const bytes_view> pieces_;
    std::size_t first_ = 0;   // the piece that is being sent
    std::size_t offset_ = 0;  // and how much of it is sent
    std::size_t left_ = 0;
};

// The first address of this socket's family that a name stands for; the first of all if there is none, which the
// kernel then refuses.
result<address> look_up(int fd, std::string_view text, const char* operation) {
    int domain = 0;
    int type = 0;
    socklen_t size = sizeof domain;
    if (::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0 ||
        ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0) {
        return error_of(errno, operation, std::string(text));
    }
    auto found = resolve(text, type == SOCK_DGRAM ? socket_type::datagram : socket_type::stream);
    if (!found) return found.error();
    for (auto& one : *found) {
        if (native_family(one.family()) == domain) return std::move(one);
    }
    return std::move(found->front());
}

result<address> name_of(int fd, const char* operation, int (*ask)(int, sockaddr*, socklen_t*)) {
    native_address name;
    if (ask(fd, name.data(), &name.size) != 0) return error_of(errno, operation);
    return name.to_address();
}

}  // namespace

// Making and ending one.

result<socket> socket::open(address_family family, socket_type type, int protocol) {
    descriptor made(::socket(native_family(family), native_type(type) | SOCK_CLOEXEC, protocol));
    if (made.valid()) return socket(std::move(made));
    const int number = errno;
    return error_of(number, "open", describe(family, type), advice_on_open(number, family, type));
}

result<socket> socket::from_fd(int fd) {
    int type = 0;
    socklen_t size = sizeof type;
    if (::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0) return error_of(errno, "from_fd", std::to_string(fd));
    const int flags = ::fcntl(fd, F_GETFL);
    if (flags < 0 || ::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) return error_of(errno, "from_fd", std::to_string(fd));
    socket made{descriptor(fd)};
    made.blocking_ = (flags & O_NONBLOCK) == 0;
    return made;
}

result<std::pair<socket, socket>> socket_pair(socket_type type) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, native_type(type) | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return error_of(errno, "socket_pair", describe(address_family::local, type));
    }
    return std::pair(socket(descriptor(ends[0])), socket(descriptor(ends[1])));
}

result<void> socket::shutdown(half which) {
    const int native = which == half::send ? SHUT_WR : which == half::receive ? SHUT_RD : SHUT_RDWR;
    if (::shutdown(fd(), native) == 0) return {};
    return failed(errno, "shutdown");
}

result<void> socket::close() { return descriptor_.close(); }

int socket::release() noexcept {
    const int given = descriptor_.release();
    if (given < 0 || !blocking_) return given;
    // accept() with a deadline may have made it non-blocking.
    if (const int flags = ::fcntl(given, F_GETFL); flags >= 0 && (flags & O_NONBLOCK) != 0) {
        ::fcntl(given, F_SETFL, flags & ~O_NONBLOCK);
    }
    return given;
}

// The server's side.

result<void> socket::bind(const address& here) {
    const auto native = native_address::of(here);
    if (!native) return native.error().during("bind", here.to_string());
    if (::bind(fd(), native->data(), native->size) == 0) return {};
    const int number = errno;
    return error_of(number, "bind", here.to_string(), advice_on_bind(number, fd(), here));
}

result<void> socket::bind(std::string_view here) {
    auto literal = address::parse(here);
    if (!literal) literal = look_up(fd(), here, "bind");
    return literal ? bind(*literal) : literal.error();
}

result<void> socket::listen(int backlog) {
    if (::listen(fd(), backlog) == 0) return {};
    const int number = errno;
    const auto here = local_address();
    return error_of(number, "listen", here ? here->to_string() : std::string());
}

result<accepted> socket::accept(deadline until) {
    const int flags = until.is_never() ? 0 : ::fcntl(fd(), F_GETFL);
    int number = flags < 0 ? errno : 0;
    if (!until.is_never() && number == 0 && (flags & O_NONBLOCK) == 0) ::fcntl(fd(), F_SETFL, flags | O_NONBLOCK);
    while (number == 0) {
        native_address from;
        if (descriptor taken(::accept4(fd(), from.data(), &from.size, SOCK_CLOEXEC)); taken.valid()) {
            accepted one{socket(std::move(taken)), from.to_address()};
            one.connection.peer_ = one.peer;
            return one;
        }
        if (errno == EINTR || ended_before_accept(errno)) continue;
        number = errno;
        if (number != EAGAIN) break;
        // Without a deadline this is the caller's doing (non-blocking, SO_RCVTIMEO), unless an accept with one was here.
        const bool wait = !until.is_never() || (blocking_ && (::fcntl(fd(), F_GETFL) & O_NONBLOCK) != 0);
        if (wait) number = wait_until(fd(), readiness::readable, until);
    }
    const auto here = local_address();
    return error_of(number, "accept", here ? here->to_string() : std::string(), advice_on_accept(number));
}

// The client's side.

result<void> socket::connect(const address& peer, deadline until) {
    const auto native = native_address::of(peer);
    if (!native) return native.error().during("connect", peer.to_string());
    const bool is_local = peer.family() == address_family::local;
    const int number = is_local ? connect_local(fd(), *native, until) : connect_ip(fd(), *native, until);
    if (number != 0) return error_of(number, "connect", peer.to_string(), advice_on_connect(number, fd(), peer));
    peer_ = peer;
    return {};
}

result<void> socket::connect(std::string_view peer, deadline until) {
    auto literal = address::parse(peer);
    if (!literal) literal = look_up(fd(), peer, "connect");
    return literal ? connect(*literal, until) : literal.error();
}

// Bytes.

result<bytes> socket::receive(std::size_t most, deadline until) {
    bytes arrived(most);
    const auto count = receive(arrived.span(), until);
    if (!count) return count.error();
    arrived.resize(*count);
    return arrived;
}

result<std::size_t> socket::receive(std::span<std::byte> into, deadline until) {
    if (into.empty()) {
        return error(errc::invalid, "receive", {}, "there is no room to receive into: 0 bytes would read as the end");
    }
    const ssize_t count = transfer(fd(), readiness::readable, until,
                                   [&](int flags) { return ::recv(fd(), into.data(), into.size(), flags); });
    if (count < 0) return failed(static_cast<int>(-count), "receive");
    return static_cast<std::size_t>(count);
}

result<std::size_t> socket::send(bytes_view data, deadline until) {
    const ssize_t count = transfer(fd(), readiness::writable, until, [&](int flags) {
        return ::send(fd(), data.data(), data.size(), flags | MSG_NOSIGNAL);
    });
    if (count < 0) return failed(static_cast<int>(-count), "send");
    return static_cast<std::size_t>(count);
}

result<void> socket::send_all(bytes_view data, deadline until) { return send_all(std::span(&data, 1), until); }

result<void> socket::send_all(std::span<const bytes_view> pieces, deadline until) {
    gather rest(pieces);
    const std::size_t all = rest.left();
    do {  // once even for no bytes at all, so that a dead connection is told
        const ssize_t count = transfer(fd(), readiness::writable, until,
                                       [&](int flags) { return rest.send(fd(), flags | MSG_NOSIGNAL); });
        if (count < 0) {
            const error why = failed(static_cast<int>(-count), "send");
            const std::string words = describe_errno(why.system_code());
            return error(
                why.code(), "send", std::string(why.subject()),
                words + ": " + std::to_string(all - rest.left()) + " of " + std::to_string(all) + " bytes were sent",
                why.system_code());
        }
        rest.sent(static_cast<std::size_t>(count));
    } while (rest.left() != 0);
    return {};
}

// Names and settings.

result<address> socket::local_address() const { return name_of(fd(), "local address", ::getsockname); }

result<address> socket::peer_address() const { return name_of(fd(), "peer address", ::getpeername); }

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
    return error_of(errno, "set option", std::to_string(level) + "/" + std::to_string(number));
}

result<bytes> socket::get_option(int level, int number, std::size_t most) const {
    bytes value(most);
    auto size = static_cast<socklen_t>(most);
    if (::getsockopt(fd(), level, number, value.data(), &size) != 0) {
        return error_of(errno, "get option", std::to_string(level) + "/" + std::to_string(number));
    }
    value.resize(size);
    return value;
}

error socket::failed(int number, const char* operation) const {
    address peer = peer_;
    if (peer.family() == address_family::none && is_open()) {
        if (auto asked = peer_address()) peer = std::move(*asked);
    }
    const bool tells = peer.family() != address_family::none && !peer.is_unnamed();
    return error_of(number, operation, tells ? peer.to_string() : std::string());
}

}  // namespace weir
