// The interface of a loop to a stream of bytes in both directions. It is a TCP or Unix connection of a backend, one end
// of a pair in memory, or a transform: a stream on top of another one, such as TLS. An operation completes at once, in
// its return value, or later, in a call to the user.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "weir/base/address.h"
#include "weir/base/buffer.h"
#include "weir/base/result.h"
#include "weir/loop/borrowed_buffer.h"
#include "weir/loop/outcome.h"
#include "weir/loop/send_queue.h"
#include "weir/socket/credentials.h"
#include "weir/socket/socket.h"

namespace [[gnu::visibility("default")]] weir {

struct kernel_view;

// The result of a receive: bytes, or the end of the stream (no bytes and a good outcome), or a failure. An end without
// the close_notify that TLS demands is errc::truncated.
struct arrival {
    outcome how;              // good, or why receiving failed
    borrowed_buffer bytes;    // what has arrived
    std::size_t in_room = 0;  // or this number of bytes is in user::room()

    // Whether nothing more arrives: the end of the stream, or a failure.
    bool ends() const noexcept { return !how.good() || (bytes.empty() && in_room == 0); }
};

// A stream of bytes in both directions. One receive and one send may be in progress at a time, independently of each
// other. close() destroys the stream. Thread safety: its loop's thread alone.
class byte_stream {
public:
    // The receiver of completions. It may start the next operation in these calls, but must not close this or another
    // stream in them: the loop must do that later.
    class user {
    public:
        // Whether room() would return memory now. Changes nothing and allocates nothing: a stream calls it to decide
        // how it will read.
        virtual bool wants_room() const noexcept { return false; }
        // The memory for the read that follows at once; it may be allocated here. The stream fills it and calls
        // on_received() before anything else happens. Empty: on_received() gets a borrowed buffer.
        virtual std::span<std::byte> room() noexcept { return {}; }
        // The receive has completed.
        virtual void on_received(arrival came) noexcept = 0;
        // The send has completed: the backend took all bytes, or it failed.
        virtual void on_sent(outcome how) noexcept = 0;
        // halt() has completed.
        virtual void on_halted() noexcept {}
        // Whether on_sent() is needed soon; the stream calls it at the end of a turn. If not, it may come with the next
        // event.
        virtual bool awaits_sent() const noexcept { return true; }

    protected:
        ~user() = default;
    };

    byte_stream(const byte_stream&) = delete;
    byte_stream& operator=(const byte_stream&) = delete;

    // Sets the receiver of completions. Call it before the first operation. The receiver must exist while an operation
    // is in progress. When it is replaced during an operation, the operation completes for the new user. A transform
    // whose user gets the completions of the stream below directly overrides this to set the user there, too.
    virtual void set_user(user& one) noexcept { user_ = &one; }

    // Receives the next bytes. Completes at once, or calls user::on_received() later, once; do not call it again before
    // that, nor after an end or a failure.
    virtual std::optional<arrival> receive() = 0;

    // Sends all of `bytes`, which must not be empty, and leaves an empty buffer. Completes at once, or calls
    // user::on_sent() later; do not call it again before that, nor after a failure.
    virtual std::optional<outcome> send(buffer& bytes) = 0;
    // The same for a queue with blocks of shared memory. A stream of the kernel sends the blocks without a copy. Other
    // streams need not override this function: it copies the blocks and calls send().
    virtual std::optional<outcome> send_gathered(send_queue& queue);
    // How many of these bytes the backend has not taken; it decreases with progress.
    virtual std::size_t unsent() const noexcept = 0;
    // How many bytes the peer has not taken: unsent(), and what the backend still holds, if that is known. It decreases
    // when the peer makes progress. A transform adds what it holds itself. It may cost a system call.
    virtual std::size_t untaken() const noexcept = 0;

    // Returns an explanation for people of a failure that this stream has returned, such as why TLS failed. Empty: the
    // code is enough. A transform without an explanation returns that of the stream below.
    virtual std::string explain(outcome /*failure*/) const { return {}; }

    // Ends the sending side, while no send is in progress. The peer reads the end of the stream. Completes at once, or
    // calls user::on_sent() later, as a send does: a transform may have a last record to send.
    virtual std::optional<outcome> shutdown_send() = 0;

    // Stops the receive and the send in progress: neither completes any more. Completes at once, or calls
    // user::on_halted() later; no other function of the user is called before the next operation. Nothing is lost:
    // take_unsent(), called before anything else, returns what the send in progress did not send, and a later
    // receive() returns what arrived. A transform keeps what it has already transformed, and sends it before what its
    // next user sends. errc::unsupported: nothing has changed.
    virtual std::optional<outcome> halt();
    virtual send_queue take_unsent() noexcept { return {}; }
    // Whether take_apart() returns a socket.
    virtual bool has_socket() const noexcept { return false; }
    // Requires a halted stream with a socket. Destroys the stream without closing the connection, appends what it has
    // read and not delivered to `unread`, and returns its socket, in blocking mode. After an error, which is that of
    // the connection, the stream still exists and `unread` is unchanged; after std::bad_alloc, too.
    virtual result<socket> take_apart(buffer& unread);

    // Destroys the stream: operations in progress are dropped and never complete. With `reset` the peer is reset at
    // once, and sent data that was not delivered is dropped.
    virtual void close(bool reset = false) noexcept = 0;

    // The addresses of both ends. That of the peer is still available after a reset.
    virtual address local_address() const = 0;
    virtual address peer_address() const = 0;
    // The process at the other end of a Unix connection (SO_PEERCRED, unix(7)); errc::unsupported for all others. A
    // transform returns that of the stream below.
    virtual result<credentials> peer_credentials() const;
    // Limits the kernel's buffers of received and of sent bytes, socket(7): SO_RCVBUF, SO_SNDBUF. No effect where there
    // is no kernel.
    virtual void limit_kernel_buffers(std::size_t /*receive_bytes*/, std::size_t /*send_bytes*/) noexcept {}
    // Returns the state of the stream in the kernel; errc::unsupported where there is no kernel.
    virtual result<kernel_view> ask_kernel() const = 0;

protected:
    byte_stream() = default;
    virtual ~byte_stream() = default;

    user& current_user() const noexcept { return *user_; }

private:
    user* user_ = nullptr;
};

// The deleter of owned_stream.
struct closes_stream {
    // Closes it, without a reset.
    void operator()(byte_stream* one) const noexcept { one->close(); }
};
// Owns a stream, and closes it when destroyed.
using owned_stream = std::unique_ptr<byte_stream, closes_stream>;

}  // namespace weir
