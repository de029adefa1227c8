#include "weir/socket/option.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <string>

#include "weir/socket/system_error.h"

namespace weir {
namespace {

// How the kernel lays a value out: `native` is its type; encode() gives nothing for a value that does not fit.
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
        return error_of(value, "pending error");
    }
};

}  // namespace

template <class T>
result<T> socket_state<T>::read(int fd) const {
    typename layout<T>::native native{};
    socklen_t size = sizeof native;
    if (::getsockopt(fd, level_, number_, &native, &size) == 0) return layout<T>::decode(native);
    return error_of(errno, "get option", std::string(name_));
}

template <class T>
result<void> socket_option<T>::apply(int fd, const T& value) const {
    const auto native = layout<T>::encode(value);
    if (!native) {
        return error(errc::invalid, "set option", std::string(this->name()), "the value is out of the kernel's range");
    }
    if (::setsockopt(fd, this->level(), this->number(), &*native, sizeof *native) == 0) return {};
    return error_of(errno, "set option", std::string(this->name()));
}

template class socket_state<bool>;
template class socket_state<int>;
template class socket_state<std::size_t>;
template class socket_state<std::optional<duration>>;
template class socket_state<std::optional<error>>;
template class socket_option<bool>;
template class socket_option<int>;
template class socket_option<std::size_t>;
template class socket_option<std::optional<duration>>;

namespace option {

constinit const socket_option<bool> reuse_address{SOL_SOCKET, SO_REUSEADDR, "reuse_address"};
constinit const socket_option<bool> reuse_port{SOL_SOCKET, SO_REUSEPORT, "reuse_port"};
constinit const socket_option<bool> broadcast{SOL_SOCKET, SO_BROADCAST, "broadcast"};
constinit const socket_option<bool> keep_alive{SOL_SOCKET, SO_KEEPALIVE, "keep_alive"};
constinit const socket_option<bool> no_delay{IPPROTO_TCP, TCP_NODELAY, "no_delay"};
constinit const socket_option<bool> v6_only{IPPROTO_IPV6, IPV6_V6ONLY, "v6_only"};
constinit const socket_option<std::size_t> send_buffer_bytes{SOL_SOCKET, SO_SNDBUF, "send_buffer_bytes"};
constinit const socket_option<std::size_t> receive_buffer_bytes{SOL_SOCKET, SO_RCVBUF, "receive_buffer_bytes"};
constinit const socket_option<std::optional<duration>> linger{SOL_SOCKET, SO_LINGER, "linger"};
constinit const socket_state<std::optional<weir::error>> error{SOL_SOCKET, SO_ERROR, "error"};
constinit const socket_state<bool> accepting{SOL_SOCKET, SO_ACCEPTCONN, "accepting"};

}  // namespace option
}  // namespace weir
