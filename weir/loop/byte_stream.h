// The interface of a loop to a stream of bytes in both directions. The stream is a TCP or Unix connection of a backend,
// one end of a pair in memory, or a transform. A transform is a stream on top of another one, such as TLS. An operation
// completes at once, in its return value, or later, in a call to the user.
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

    // Returns whether nothing more will arrive: this is the end of the stream, or a failure.
    bool ends() const noexcept { return !how.good() || (bytes.empty() && in_room == 0); }
};

// A stream of bytes in both directions. One receive and one send may be in progress at a time, independently of each
// other. close() destroys the stream. Thread safety: its loop's thread alone.
class byte_stream {
public:
    // The receiver of completions. Its functions may start the next operation, but must not close this or another
    // stream: the loop must do that later.
    class user {
    public:
        // Returns whether room() would return memory now. Changes nothing and allocates nothing: a stream calls it to
        // decide how it will read.
        virtual bool wants_room() const noexcept { return false; }
        // Returns the memory for the read that follows at once; this call may allocate it. The stream fills the memory
        // and calls on_received() before anything else happens. If the memory is empty, on_received() gets a borrowed
        // buffer.
        virtual std::span<std::byte> room() noexcept { return {}; }
        // Called when the receive has completed.
        virtual void on_received(arrival came) noexcept = 0;
        // Called when the send has completed: the backend took all bytes, or the send failed.
        virtual void on_sent(outcome how) noexcept = 0;
        // Called when halt() has completed.
        virtual void on_halted() noexcept {}
        // Returns whether the user needs on_sent() soon; the stream calls this function at the end of a turn. If not,
        // on_sent() may be called with the next event.
        virtual bool awaits_sent() const noexcept { return true; }

    protected:
        ~user() = default;
    };

    byte_stream(const byte_stream&) = delete;
    byte_stream& operator=(const byte_stream&) = delete;

    // Sets the receiver of completions. Call it before the first operation. The receiver must exist while an operation
    // is in progress. When it is replaced during an operation, the operation completes for the new user. A transform
    // may make its user the direct user of the stream below. It then overrides this function, so that the user of the
    // stream below is replaced, too.
    virtual void set_user(user& one) noexcept { user_ = &one; }

    // Receives the next bytes. Completes at once, in the return value, or later, by one call of user::on_received(). Do
    // not call it again before it has completed, nor after an end or a failure.
    virtual std::optional<arrival> receive() = 0;

    // Sends all of `bytes`, which must not be empty, and leaves an empty buffer. Completes at once, in the return
    // value, or later, by one call of user::on_sent(). Do not call it again before it has completed, nor after a
    // failure.
    virtual std::optional<outcome> send(buffer& bytes) = 0;
    // Does the same for a queue with blocks of shared memory. A kernel stream sends the blocks without copying them.
    // Other streams need not override this function: the default copies the blocks and calls send().
    virtual std::optional<outcome> send_gathered(send_queue& queue);
    // Returns how many bytes of the send in progress the backend has not taken yet.
    virtual std::size_t unsent() const noexcept = 0;
    // Returns how many bytes the peer has not taken: unsent(), and what the backend still holds, if that is known. The
    // number decreases when the peer makes progress. A transform adds the bytes that it holds itself. The function may
    // make a system call.
    virtual std::size_t untaken() const noexcept = 0;

    // Returns a text for people that explains a failure of this stream, such as why TLS failed. The text is empty if
    // the code is enough. A transform without an explanation returns that of the stream below.
    virtual std::string explain(outcome /*failure*/) const { return {}; }

    // Ends the sending side, so that the peer reads the end of the stream. No send may be in progress. Completes at
    // once, in the return value, or later, by one call of user::on_sent(), as a send does: a transform may have a last
    // record to send.
    virtual std::optional<outcome> shutdown_send() = 0;

    // Stops the receive and the send in progress, which then never complete. halt() itself completes at once, in its
    // return value, or later, by one call of user::on_halted(). No other function of the user is called before the next
    // operation. Nothing is lost: take_unsent() returns the bytes that the send in progress did not send, and must be
    // called before anything else. A later receive() returns the bytes that have arrived. A transform keeps what it has
    // already transformed, and sends it before the bytes of its next user. After errc::unsupported, nothing has
    // changed.
    virtual std::optional<outcome> halt();
    virtual send_queue take_unsent() noexcept { return {}; }
    // Returns whether take_apart() can return a socket.
    virtual bool has_socket() const noexcept { return false; }
    // Destroys the stream without closing the connection, and returns its socket in blocking mode. Requires a halted
    // stream with a socket. Appends to `unread` the bytes that the stream has read and not delivered. After an error of
    // the connection, or std::bad_alloc, the stream still exists and `unread` is unchanged.
    virtual result<socket> take_apart(buffer& unread);

    // Destroys the stream. Operations in progress are dropped and never complete. If `reset` is true, the connection is
    // reset at once, and sent data that was not delivered is dropped.
    virtual void close(bool reset = false) noexcept = 0;

    // Returns the address of this end or of the peer. The address of the peer is still available after a reset.
    virtual address local_address() const = 0;
    virtual address peer_address() const = 0;
    // Returns the credentials of the process at the other end of a Unix connection (SO_PEERCRED, unix(7));
    // errc::unsupported for other connections. A transform returns those of the stream below.
    virtual result<credentials> peer_credentials() const;
    // Limits the receive buffer and the send buffer of the kernel (SO_RCVBUF and SO_SNDBUF, socket(7)). This has no
    // effect on a stream that is not in the kernel.
    virtual void limit_kernel_buffers(std::size_t /*receive_bytes*/, std::size_t /*send_bytes*/) noexcept {}
    // Returns the state of the stream in the kernel; errc::unsupported for a stream that is not in the kernel.
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
    // Closes the stream, without a reset.
    void operator()(byte_stream* one) const noexcept { one->close(); }
};
// Owns a stream, and closes it when destroyed.
using owned_stream = std::unique_ptr<byte_stream, closes_stream>;

}  // namespace weir
