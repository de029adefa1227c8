// Socket options with the type of their value: `socket.set(option::no_delay, true)`. A new option is one line here and
// one in option.cc; what has no name here goes through socket::set_option(level, number, bytes).
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "weir/base/error.h"
#include "weir/base/result.h"
#include "weir/base/time.h"

namespace [[gnu::visibility("default")]] weir {

// What can only be read. T is bool, int, std::size_t (bytes), std::optional<duration> (linger) or
// std::optional<weir::error>.
// Thread safety: constants; any thread.
template <class T>
class socket_state {
public:
    constexpr socket_state(int level, int number, std::string_view name) noexcept
        : level_(level), number_(number), name_(name) {}

    constexpr int level() const noexcept { return level_; }
    constexpr int number() const noexcept { return number_; }
    constexpr std::string_view name() const noexcept { return name_; }

    // getsockopt(2) on a borrowed descriptor.
    result<T> read(int fd) const;

private:
    int level_;
    int number_;
    std::string_view name_;
};

// What can be read and set.
// Thread safety: constants; any thread.
template <class T>
class socket_option : public socket_state<T> {
public:
    using socket_state<T>::socket_state;

    // setsockopt(2) on a borrowed descriptor.
    result<void> apply(int fd, const T& value) const;
};

namespace option {

// SO_REUSEADDR, socket(7): bind although old connections of that port are still in TIME_WAIT. On Linux it does not let
// two listeners share a port.
extern const socket_option<bool> reuse_address;
// SO_REUSEPORT: several sockets of one user bind the same port, also in different programs, silently.
extern const socket_option<bool> reuse_port;
// SO_BROADCAST: datagrams may go to broadcast addresses.
extern const socket_option<bool> broadcast;
// SO_KEEPALIVE: probe a silent peer (after two hours unless told otherwise, tcp(7)).
extern const socket_option<bool> keep_alive;
// TCP_NODELAY, tcp(7): do not hold small segments back (Nagle).
extern const socket_option<bool> no_delay;
// IPV6_V6ONLY, ipv6(7): [::] does not take IPv4 as well. Only before bind.
extern const socket_option<bool> v6_only;
// SO_SNDBUF, SO_RCVBUF: Linux doubles what is set, caps it at net.core.wmem_max / rmem_max, and reads back the doubled
// figure, socket(7). Setting it ends automatic sizing.
extern const socket_option<std::size_t> send_buffer_bytes;
extern const socket_option<std::size_t> receive_buffer_bytes;
// SO_LINGER: how long close() waits for unsent bytes, in whole seconds (rounded up). nullopt: it does not wait, the
// kernel goes on sending. Zero: unsent bytes are thrown away and the peer is reset.
extern const socket_option<std::optional<duration>> linger;
// SO_RCVTIMEO and SO_SNDTIMEO have no name here: give the call a deadline.

// SO_ERROR: the error waiting on the socket, if any. Reading it takes it away.
extern const socket_state<std::optional<weir::error>> error;
// SO_ACCEPTCONN: listen() has been called.
extern const socket_state<bool> accepting;

}  // namespace option
}  // namespace weir
