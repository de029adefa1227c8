// The textbook socket: open, bind, listen, accept, connect, send, receive, close. Every call blocks unless told
// otherwise and, without a deadline, is one plain system call. What it hides is what nobody wants to see: no SIGPIPE is
// ever raised, a call that a signal interrupts carries on, every descriptor is closed on exec. It knows no message
// boundaries (weir/framing/) and no loop (weir/loop/).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include "weir/base/address.h"
#include "weir/base/bytes.h"
#include "weir/base/result.h"
#include "weir/base/time.h"
#include "weir/socket/datagram.h"
#include "weir/socket/descriptor.h"
#include "weir/socket/option.h"
#include "weir/socket/socket_type.h"
#include "weir/socket/transfer_options.h"

namespace [[gnu::visibility("default")]] weir {

// Which half of a connection shutdown() ends.
enum class half : std::uint8_t { send, receive, both };

struct accepted;

// Deadlines. A call that gets one first takes what is there, even if the deadline has passed already; then it waits
// with ppoll(2) until that absolute time, and fails with errc::timed_out. Signals do not prolong it.
//
// Errors. Each names the operation and the address. A socket that is closed, moved from or never opened answers every
// call with errc::invalid, and no other descriptor is touched.
//
// Thread safety: one thread may receive while another sends; several threads may accept at once. Anything else, close()
// above all, is one thread at a time.
class socket {
public:
    static constexpr address_family ipv4 = address_family::ipv4;
    static constexpr address_family ipv6 = address_family::ipv6;
    static constexpr address_family local = address_family::local;
    static constexpr socket_type stream = socket_type::stream;
    static constexpr socket_type datagram = socket_type::datagram;
    static constexpr socket_type seqpacket = socket_type::seqpacket;
    static constexpr socket_type raw = socket_type::raw;
    // SOMAXCONN. The kernel lowers it to the sysctl net.core.somaxconn, listen(2).
    static constexpr int default_backlog = 4096;

    // socket(2). Protocol 0 is the type's usual one.
    static result<socket> open(address_family family, socket_type type, int protocol = 0);
    // Takes ownership of an open socket descriptor and makes it close-on-exec; whether it blocks is left as it is.
    // errc::invalid, and ownership is not taken, if it is no socket.
    static result<socket> from_fd(int fd);
    // Another descriptor of the same socket, close-on-exec, fcntl(2): the connection or listener ends when all are
    // closed. They share what belongs to the socket, such as its options and whether it blocks.
    result<socket> duplicate() const;

    // Takes ownership of an open socket descriptor, blocking and close-on-exec, of which the caller knows what it is;
    // from_fd() looks.
    socket(descriptor owned, address_family family, socket_type type) noexcept
        : descriptor_(std::move(owned)), family_(family), type_(type) {}

    // Not open.
    socket() noexcept = default;
    socket(socket&&) noexcept = default;
    socket& operator=(socket&&) noexcept = default;

    // bind(2). Port 0 lets the kernel choose; local_address() tells. Errors: in_use, not_available, not_permitted
    // (saying what would grant it). A Unix path stays behind when the socket is closed: see listen_on().
    result<void> bind(const address& here);
    // Takes what resolve() takes, the first address of this socket's family. A name may ask the network.
    result<void> bind(std::string_view here);

    // listen(2). How many finished connections may wait for accept().
    result<void> listen(int backlog = default_backlog);

    // accept4(2): the next connection, a blocking one. What ended before it was accepted (ECONNABORTED and the network
    // errors that accept(2) lists) is skipped. errc::no_descriptors: the connection stays in the queue.
    // The first accept with a deadline makes the listening descriptor non-blocking for good, and weir does the waiting
    // from then on (accept has no flag for one call, and switching back would race with other threads).
    result<accepted> accept(deadline until = {});
    result<accepted> accept(accept_flags how, deadline until = {});

    // connect(2). After a failure close the socket and open a new one; a connect that timed out is still going on.
    // Non-blocking and no deadline: errc::would_block, then wait until writable and read option::error.
    result<void> connect(const address& peer, deadline until = {});
    // Takes what resolve() takes, the first address of this socket's family; connect_to() tries all.
    result<void> connect(std::string_view peer, deadline until = {});

    // recv(2): between 1 and `most` bytes, as soon as there are any. Empty: the peer has closed its sending side (or it
    // sent an empty datagram: receive_from() tells the two apart). `most` bytes are allocated for it.
    result<bytes> receive(std::size_t most, deadline until = {}) { return receive(most, {}, until); }
    result<bytes> receive(std::size_t most, receive_flags how, deadline until = {});
    // The same into the caller's buffer: how many bytes arrived, 0 when the peer has closed its sending side. No room
    // (an empty buffer, or most = 0) is errc::invalid without a system call: 0 bytes would read as the end. wait_all on
    // a stream: fewer bytes than asked for when the peer ends, an error comes or the deadline passes before;
    // errc::timed_out only if there are none. With peek it takes no deadline (errc::invalid): there is nothing to wait
    // for that is not there already.
    result<std::size_t> receive(std::span<std::byte> into, deadline until = {}) { return receive(into, {}, until); }
    result<std::size_t> receive(std::span<std::byte> into, receive_flags how, deadline until = {});

    // recvmsg(2): one datagram, connected or not, and what is known about it. One of no bytes is a datagram like any
    // other; the end (the peer of a connected socket has closed, or shutdown(half::receive)) is errc::closed. What does
    // not fit into `most` bytes is cut, and datagram::full_size tells; no room at all is allowed here, but on a stream.
    // To tell empty packets from the end the first call on a Unix socket sets SO_TIMESTAMPNS: leave that one alone.
    static constexpr std::size_t largest_datagram = 65535;
    result<weir::datagram> receive_from(std::size_t most = largest_datagram, const receive_options& how = {},
                                        deadline until = {});
    result<weir::datagram> receive_from(std::size_t most, deadline until) { return receive_from(most, {}, until); }
    // The same into the caller's buffers, filled one after another (scatter; IOV_MAX, 1024, of them at most).
    result<received> receive_message(std::span<const std::span<std::byte>> into, const receive_options& how = {},
                                     deadline until = {});
    result<received> receive_message(std::span<std::byte> into, const receive_options& how = {}, deadline until = {}) {
        return receive_message(std::span<const std::span<std::byte>>(&into, 1), how, until);
    }

    // send(2): how many bytes the kernel took. A blocking stream without a deadline takes all, unless a signal comes
    // between; with a deadline it takes what fits as soon as something does. errc::broken_pipe after the peer closed,
    // yet the first send after that may succeed: only its answer, a reset, tells this side.
    result<std::size_t> send(bytes_view data, deadline until = {}) { return send(data, {}, until); }
    result<std::size_t> send(bytes_view data, send_flags how, deadline until = {});

    // sendmsg(2): one datagram, whole or not at all; errc::too_large when it can never go. errc::refused may be the
    // answer to an earlier one. To a Unix socket whose queue is full it waits; with a deadline SO_SNDTIMEO bounds that.
    result<std::size_t> send_to(bytes_view data, const address& peer, deadline until = {});
    // sendmsg(2): the pieces as one message (gather), with all that send_options can say; how many bytes were taken.
    result<std::size_t> send_message(std::span<const bytes_view> pieces, const send_options& how = {},
                                     deadline until = {});
    result<std::size_t> send_message(bytes_view data, const send_options& how = {}, deadline until = {}) {
        return send_message(std::span<const bytes_view>(&data, 1), how, until);
    }

    // Sends all of it, carrying on after partial sends. The error says how many of how many bytes the kernel took.
    result<void> send_all(bytes_view data, deadline until = {});
    // The pieces one after another, by sendmsg(2): a header and its payload leave in one call. The views are read until
    // it returns.
    result<void> send_all(std::span<const bytes_view> pieces, deadline until = {});

    // sockatmark(3): the next byte is the one that was sent out of band, or follows it; reads stop there.
    result<bool> at_mark() const;

    // MCAST_JOIN_GROUP, MCAST_LEAVE_GROUP, ip(7), RFC 3678: receive what is sent to that IPv4 or IPv6 group (the port
    // does not count) on the interface, see interface_index(); 0 lets the kernel choose by its routes. Bind to the
    // group's port as well. Errors: in_use (joined already), not_available (leaving what was not joined).
    result<void> join(const address& group, unsigned interface_index = 0);
    result<void> leave(const address& group, unsigned interface_index = 0);

    // shutdown(2): half::send tells the peer that no more comes (its receive gives empty); receiving goes on.
    result<void> shutdown(half which);

    // close(2); the destructor does it too, silently. Closing what is closed succeeds. On TCP, unread input at close
    // resets the peer, RFC 2525 section 2.17.
    result<void> close();

    // getsockname(2), getpeername(2). A socket that is not bound has 0.0.0.0:0, [::]:0 or `unix:`.
    result<address> local_address() const;
    result<address> peer_address() const;

    // Non-blocking: a call without deadline that would wait fails with errc::would_block.
    result<void> set_blocking(bool blocking);

    // Typed options: set(option::no_delay, true), get(option::no_delay).
    template <class T>
    result<void> set(const socket_option<T>& which, const std::type_identity_t<T>& value) {
        return which.apply(fd(), value);
    }
    template <class T>
    result<T> get(const socket_state<T>& which) const {
        return which.read(fd());
    }
    // Any option, by setsockopt(2) and getsockopt(2), the value as the kernel lays it out; at most `most` bytes of it.
    result<void> set_option(int level, int number, bytes_view value);
    result<bytes> get_option(int level, int number, std::size_t most) const;

    // As it was opened; meaningless when it is not open. A family that weir has no word for is `none`.
    address_family family() const noexcept { return family_; }
    socket_type type() const noexcept { return type_; }

    bool is_open() const noexcept { return descriptor_.valid(); }
    // The descriptor, borrowed; -1 when not open.
    int fd() const noexcept { return descriptor_.fd(); }
    // Gives the descriptor away, blocking or not as set_blocking() said last. -1 when not open.
    [[nodiscard]] int release() noexcept;

private:
    weir::error failed(int number, const char* operation, std::string_view hint = {}) const;
    result<void> membership(int number, const char* operation, const address& group, unsigned interface_index);

    descriptor descriptor_;
    address_family family_ = address_family::none;
    socket_type type_ = socket_type::stream;
    bool blocking_ = true;        // what the caller wants
    bool waits_itself_ = false;   // accept() with a deadline made it non-blocking all the same
    bool marks_packets_ = false;  // SO_TIMESTAMPNS is set, see receive_from()
    address peer_;                // for error texts only: after a reset the kernel no longer tells
};

// What accept() gives. Thread safety: as its socket.
struct accepted {
    socket connection;
    address peer;
};

// socketpair(2): two connected Unix sockets.
result<std::pair<socket, socket>> socket_pair(socket_type type = socket_type::stream);

}  // namespace weir
