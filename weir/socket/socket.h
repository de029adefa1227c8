// A socket: open, bind, listen, accept, connect, send, receive, close. Every call blocks by default and, without a
// deadline, is one plain system call. No call raises SIGPIPE, and a system call that a signal interrupts is repeated.
// Every descriptor is close-on-exec unless accept_flags::keep_on_exec is set. Message boundaries are in weir/framing/,
// and the event loop is in weir/loop/.
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

// The half of a connection that shutdown() ends.
enum class half : std::uint8_t { send, receive, both };

struct accepted;

// Deadlines. A call with a deadline first tries without waiting, even if the deadline has already passed. Then it waits
// with ppoll(2), at most until that absolute time, and fails with errc::timed_out when the time has come. Signals do
// not prolong it.
//
// Errors. Each error has the operation and the address. On a socket that is closed, moved from or never opened, every
// call except close() returns errc::invalid and touches no other descriptor.
//
// Thread safety: one thread may receive while another sends; several threads may accept at once. Everything else,
// especially close(), must be called by one thread at a time.
class socket {
public:
    // Shorter names of the families and types: socket::open(socket::ipv4, socket::stream).
    static constexpr address_family ipv4 = address_family::ipv4;
    static constexpr address_family ipv6 = address_family::ipv6;
    static constexpr address_family local = address_family::local;
    static constexpr socket_type stream = socket_type::stream;
    static constexpr socket_type datagram = socket_type::datagram;
    static constexpr socket_type seqpacket = socket_type::seqpacket;
    static constexpr socket_type raw = socket_type::raw;
    // SOMAXCONN. The kernel reduces a larger backlog to the sysctl net.core.somaxconn, listen(2).
    static constexpr int default_backlog = 4096;

    // Opens a socket, socket(2). Protocol 0 is the default protocol of the type.
    static result<socket> open(address_family family, socket_type type, int protocol = 0);
    // Takes ownership of an open socket descriptor and makes it close-on-exec; its blocking mode is unchanged. On
    // failure the caller keeps ownership. errc::invalid: it is not a socket.
    static result<socket> from_fd(int fd);
    // Returns another descriptor of the same socket, close-on-exec, fcntl(2). The connection or listener ends when all
    // its descriptors are closed. The descriptors share what belongs to the socket, such as its options and its
    // blocking mode.
    result<socket> duplicate() const;

    // Takes ownership of an open socket descriptor, blocking and close-on-exec, whose family and type the caller knows.
    // from_fd() reads them from the kernel.
    socket(descriptor owned, address_family family, socket_type type) noexcept
        : descriptor_(std::move(owned)), family_(family), type_(type) {}

    // A socket that is not open.
    socket() noexcept = default;
    // A moved-from socket is not open.
    socket(socket&&) noexcept = default;
    socket& operator=(socket&&) noexcept = default;

    // Binds the socket, bind(2). With port 0 the kernel chooses the port, and local_address() returns it. Errors:
    // in_use, not_available, not_permitted. The detail of in_use names the program that holds the address, or reports
    // ended connections in TIME_WAIT, and gives a remedy; finding this takes some milliseconds. The detail of
    // not_permitted names the missing permission. A Unix path remains when the socket is closed, see listen_on().
    result<void> bind(const address& here);
    // Does the same for a text that resolve() accepts. Uses the first address that has the family of this socket.
    // Resolving a name may need the network.
    result<void> bind(std::string_view here);

    // Listens, listen(2). `backlog` is how many established connections may wait for accept(). Errors: in_use, as in
    // bind().
    result<void> listen(int backlog = default_backlog);

    // Accepts the next connection, accept4(2), as a blocking socket. A connection that ended before it was accepted
    // (ECONNABORTED and the network errors that accept(2) lists) is skipped. errc::no_descriptors: the connection stays
    // in the queue.
    // The first accept with a deadline makes the listening descriptor non-blocking permanently, and from then on weir
    // waits with ppoll(2). accept(2) has no flag that makes a single call non-blocking, and switching back would race
    // with other threads.
    result<accepted> accept(deadline until = {});
    result<accepted> accept(accept_flags how, deadline until = {});

    // Connects, connect(2). After a failure, close the socket and open a new one; a connect that timed out continues in
    // the kernel. On a non-blocking socket, connect() without a deadline returns errc::would_block: wait until the
    // socket is writable, then read option::error.
    result<void> connect(const address& peer, deadline until = {});
    // Does the same for a text that resolve() accepts. Uses the first address that has the family of this socket;
    // connect_to() tries all addresses.
    result<void> connect(std::string_view peer, deadline until = {});

    // Receives between 1 and `most` bytes, as soon as there are any, recv(2). Returns no bytes if the peer has closed
    // its sending side or sent an empty datagram; receive_from() distinguishes the two. It allocates `most` bytes.
    result<bytes> receive(std::size_t most, deadline until = {}) { return receive(most, {}, until); }
    result<bytes> receive(std::size_t most, receive_flags how, deadline until = {});
    // Receives into the caller's buffer. Returns the number of bytes; 0 if the peer has closed its sending side. An
    // empty buffer (or most = 0) is errc::invalid without a system call, because 0 bytes would mean the end.
    // With wait_all on a stream, fewer bytes are returned only if the peer ends its stream, an error occurs or the
    // deadline passes first; errc::timed_out only if no byte arrived. With wait_all and peek, a deadline is
    // errc::invalid, because poll(2) cannot wait for more bytes than have arrived already.
    result<std::size_t> receive(std::span<std::byte> into, deadline until = {}) { return receive(into, {}, until); }
    result<std::size_t> receive(std::span<std::byte> into, receive_flags how, deadline until = {});

    // Receives one datagram and the information about it, recvmsg(2), on a connected or unconnected socket. An empty
    // datagram is returned like any other. The end (the peer of a connected socket has closed, or
    // shutdown(half::receive)) is reported as errc::closed. Bytes beyond `most` are discarded, and datagram::full_size
    // is the full length. `most` may be 0, except on a stream.
    // To distinguish empty packets from the end, the first call on a Unix datagram or seqpacket socket sets
    // SO_TIMESTAMPNS. Do not change that option.
    static constexpr std::size_t largest_datagram = 65535;
    result<weir::datagram> receive_from(std::size_t most = largest_datagram, const receive_options& how = {},
                                        deadline until = {});
    result<weir::datagram> receive_from(std::size_t most, deadline until) { return receive_from(most, {}, until); }
    // Receives into the caller's buffers, which are filled one after another (scatter); at most IOV_MAX (1024) buffers.
    result<received> receive_message(std::span<const std::span<std::byte>> into, const receive_options& how = {},
                                     deadline until = {});
    result<received> receive_message(std::span<std::byte> into, const receive_options& how = {}, deadline until = {}) {
        return receive_message(std::span<const std::span<std::byte>>(&into, 1), how, until);
    }

    // Sends bytes and returns how many the kernel took, send(2). On a blocking stream without a deadline the kernel
    // takes all bytes, unless a signal interrupts the call. With a deadline, the call returns as soon as the kernel has
    // taken some bytes. errc::broken_pipe: the peer has closed. The first send after that may still succeed, because
    // only the peer's reset reports the close.
    result<std::size_t> send(bytes_view data, deadline until = {}) { return send(data, {}, until); }
    result<std::size_t> send(bytes_view data, send_flags how, deadline until = {});

    // Sends one datagram, whole or not at all, sendmsg(2). errc::too_large: it can never be sent. errc::refused may be
    // the response to an earlier datagram. If the queue of a Unix socket is full, the call waits; with a deadline
    // SO_SNDTIMEO limits the wait.
    result<std::size_t> send_to(bytes_view data, const address& peer, deadline until = {});
    // Sends the pieces as one message (gather) with the given options, sendmsg(2). Returns how many bytes the kernel
    // took.
    result<std::size_t> send_message(std::span<const bytes_view> pieces, const send_options& how = {},
                                     deadline until = {});
    result<std::size_t> send_message(bytes_view data, const send_options& how = {}, deadline until = {}) {
        return send_message(std::span<const bytes_view>(&data, 1), how, until);
    }

    // Sends all bytes, and continues after partial sends. The error reports how many of the bytes the kernel took.
    result<void> send_all(bytes_view data, deadline until = {});
    // Sends the pieces one after another, sendmsg(2), so that a header and its payload leave in one call. The views
    // must stay valid until the call returns.
    result<void> send_all(std::span<const bytes_view> pieces, deadline until = {});

    // Returns whether the next byte is at the mark: it is the byte that was sent out of band, or the byte that follows
    // it; sockatmark(3). Reads stop at the mark.
    result<bool> at_mark() const;

    // Joins or leaves a group, MCAST_JOIN_GROUP, MCAST_LEAVE_GROUP, ip(7), RFC 3678. A joined socket receives what is
    // sent to this IPv4 or IPv6 group on the interface, see interface_index(); 0: the kernel chooses the interface by
    // its routes. The port of `group` is ignored; bind to the port of the group as well. Errors: in_use (already
    // joined), not_available (leave without a join).
    result<void> join(const address& group, unsigned interface_index = 0);
    result<void> leave(const address& group, unsigned interface_index = 0);

    // Ends one or both halves of the connection, shutdown(2). After half::send the peer reads the end (its receive
    // returns empty); receiving continues.
    result<void> shutdown(half which);

    // Closes the socket, close(2). The destructor closes it too, and ignores errors. Closing it again succeeds. On TCP,
    // unread input at close resets the peer, RFC 2525 section 2.17.
    result<void> close();

    // Return the addresses of both ends, from getsockname(2) and getpeername(2). A socket that is not bound has
    // 0.0.0.0:0, [::]:0 or `unix:`.
    result<address> local_address() const;
    result<address> peer_address() const;

    // Makes the socket blocking or non-blocking. On a non-blocking socket a call without a deadline that would have to
    // wait fails with errc::would_block.
    result<void> set_blocking(bool blocking);

    // Sets or reads a typed option: set(option::no_delay, true), get(option::no_delay).
    template <class T>
    result<void> set(const socket_option<T>& which, const std::type_identity_t<T>& value) {
        return which.apply(fd(), value);
    }
    template <class T>
    result<T> get(const socket_state<T>& which) const {
        return which.read(fd());
    }
    // Sets or reads any option, setsockopt(2) and getsockopt(2), with the value in the layout of the kernel.
    // get_option() returns at most `most` bytes of it.
    result<void> set_option(int level, int number, bytes_view value);
    result<bytes> get_option(int level, int number, std::size_t most) const;

    // Return the family and the type of the socket, which are meaningless if it is not open. The family is `none` if
    // weir does not support it.
    address_family family() const noexcept { return family_; }
    socket_type type() const noexcept { return type_; }

    // Returns whether the socket has a descriptor: it was opened, and neither closed nor moved from.
    bool is_open() const noexcept { return descriptor_.valid(); }
    // Returns the borrowed descriptor; -1 if the socket is not open.
    int fd() const noexcept { return descriptor_.fd(); }
    // Gives up ownership and returns the descriptor, in the mode that set_blocking() set last. -1 if the socket is not
    // open.
    [[nodiscard]] int release() noexcept;

private:
    weir::error failed(int number, const char* operation, std::string_view hint = {}) const;
    result<void> membership(int number, const char* operation, const address& group, unsigned interface_index);

    descriptor descriptor_;
    address_family family_ = address_family::none;
    socket_type type_ = socket_type::stream;
    bool blocking_ = true;        // the mode that the caller chose
    bool waits_itself_ = false;   // accept() with a deadline made it non-blocking
    bool marks_packets_ = false;  // SO_TIMESTAMPNS is set, see receive_from()
    address peer_;                // for error texts only: after a reset the kernel no longer reports it
};

// The result of accept(). Thread safety: as its socket.
struct accepted {
    socket connection;  // blocking, close-on-exec
    address peer;       // the client's address; none for a Unix socket without a name
};

// Opens two connected Unix sockets, socketpair(2).
result<std::pair<socket, socket>> socket_pair(socket_type type = socket_type::stream);

}  // namespace weir
