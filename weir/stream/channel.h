// A channel: a byte stream and a framing, on a loop. It receives and sends whole messages.
//
//     weir::task<> echo(weir::channel client) {
//         while (auto message = co_await client.receive())
//             co_await client.send(*message);
//     }
//
// When its last handle is destroyed the channel closes: it sends what is queued, shuts down the sending side, reads
// and drops input up to a limit, and closes the socket (RFC 2525, 2.17). weir::run() returns after that.
#pragma once

#include <utility>

#include "weir/base/result.h"
#include "weir/coroutine/awaitable.h"
#include "weir/coroutine/task.h"
#include "weir/framing/framing.h"
#include "weir/socket/kernel_view.h"
#include "weir/stream/channel_limits.h"
#include "weir/stream/detached.h"
#include "weir/stream/internal/channel/channel_awaiters.h"
#include "weir/stream/message.h"
#include "weir/stream/peer_info.h"
#include "weir/stream/shared_payload.h"
#include "weir/stream/stats/channel_stats.h"
#include "weir/stream/wrapper.h"

namespace [[gnu::visibility("default")]] weir {

class channel_reader;
class channel_writer;

// The handle of a channel: it receives and sends messages. It can be moved but not copied. A moved-from handle may only
// be assigned or destroyed; any other use fails a WEIR_CHECK. Destroying a handle while a task waits in its receive(),
// send(), flush() or detach() also fails a WEIR_CHECK. Thread safety: its loop's thread alone.
class channel {
public:
    // Takes ownership of the stream. The channel belongs to the running loop. `peer` is the address that peer() returns
    // and that error texts name.
    channel(owned_stream below, framing described, const channel_limits& limits = {}, address peer = {});

    // Waits for the next message and returns it, or an error. The message is a view that is valid until the next
    // receive(); own() copies it (message.h). One task may receive at a time: a second receive() meanwhile fails a
    // WEIR_CHECK. The task is suspended until a whole message has arrived. It is also suspended after 1024 messages or
    // 256 KiB in one turn, so that other tasks run.
    //
    // The result is timed_out when `until` has passed, and cancelled when the waiting task was cancelled. After these
    // two nothing is lost, and receive() may be called again. Any other error is final: it is the close reason, and
    // every later receive() returns it. The final errors are:
    //   closed      the peer closed its sending side at a message boundary
    //   truncated   the peer closed it inside a message             reset      the connection was reset
    //   too_large   a message over the framing's max                malformed  bytes that the framing does not allow
    //   timed_out   a time limit passed, see channel_limits.h       cancelled  abort() was called, or the server stops
    //   evicted     closed to free memory, see loop_memory.h        no_memory  there was no memory for the message
    // With oversize=skip, a message over the limit is dropped and counted. With oversize=stream, it is returned in
    // pieces.
    awaitable<result<message>> auto receive(deadline until = {}) {
        return internal::receive_awaiter(handle_.get(), until);
    }

    // Queues the whole message. Waits first while the queue is full (channel_limits.h) or while the loop's memory limit
    // leaves no room for the message (loop_memory.h). All messages of a turn are sent together, at the end of the turn
    // at the latest, unless pace() delays them. The payload must stay valid until the co_await returns. Several tasks
    // may send: messages keep the order of the calls and are never interleaved.
    //
    // Errors: unencodable and too_large, if the framing cannot carry the payload; the channel stays usable. cancelled,
    // if the waiting task was cancelled; nothing was queued. Any other error is final, and every later send() returns
    // it; receive() still returns the messages that have arrived.
    awaitable<ignorable_result> auto send(bytes_view payload) { return internal::send_awaiter(handle_.get(), payload); }
    // The same for a message that this or another channel has received. The message must still be valid when it is
    // queued; otherwise a WEIR_CHECK fails.
    awaitable<ignorable_result> auto send(const message& one) {
        return internal::send_message_awaiter(handle_.get(), one);
    }
    // The same for a large message: takes over the memory of `payload` and sends from it without a copy. Afterwards,
    // and after an error other than cancelled, `payload` may only be assigned or destroyed.
    awaitable<ignorable_result> auto send(buffer&& payload) {
        return internal::send_buffer_awaiter(handle_.get(), payload);
    }
    // The same for a payload that many channels send.
    awaitable<ignorable_result> auto send(const shared_payload& one) {
        return internal::send_shared_awaiter(handle_.get(), one);
    }
    // Waits until the kernel has taken everything that was sent. Errors: cancelled, and the error with which sending
    // failed.
    awaitable<ignorable_result> auto flush() { return internal::flush_awaiter(handle_.get()); }
    // Sets the minimum time between two sent messages. Zero, the default, means no pace. A pace does not create message
    // boundaries: TCP may join and split paced messages.
    void pace(duration interval) { core().pace(interval); }

    // Half-close: ends the sending side after everything that is queued, so that the peer reads the end of the stream.
    // Later sends fail with broken_pipe; receiving continues.
    void shutdown_send() { core().shutdown_send(); }
    // Ends the connection at once: resets it and drops what is queued. receive() and send() then fail with
    // errc::cancelled.
    void abort() { core().abort(error(errc::cancelled, {}, {}, "abort() was called")); }

    // Gives the connection away, so that another channel, program or process can continue on it. Stops reading and
    // writing. Returns the socket together with two groups of bytes: those that have arrived and were not received, a
    // partial message included; and those that were sent and that the kernel has not taken. From then on receive() and
    // send() fail with errc::cancelled, even for tasks that already wait in them, and the last message is invalid.
    //
    // Errors that leave the channel unchanged: too_large, while a message over the limit is being skipped or returned
    // in pieces; broken_pipe, after shutdown_send() while there is still something to send; unsupported, if the stream
    // has no socket (a transform, a simulated network); no_memory; the reason why the connection has ended, except
    // closed and cancelled. After detach() has begun, the connection is lost if the waiting task is cancelled, if a
    // reset is found, or if there is no memory; close_reason() is then cancelled.
    task<result<detached_connection>> detach();
    // The same for any stream: returns the stream instead of the socket. The stream can be used again on this loop.
    task<result<detached_stream>> detach_stream();

    // Puts wrappers between the stream and the channel, at a message boundary. It is for a protocol that begins in
    // plain text and continues in TLS (STARTTLS, RFC 3207). Waits until the kernel has taken everything that was sent,
    // and then for the handshake of each wrapper, at most its handshake_time(). A send() or receive() during the
    // handshakes completes through the wrappers afterwards. What the wrappers find out is added to peer(). No task may
    // wait in receive() when the handshakes begin; otherwise a WEIR_CHECK fails.
    //
    // Errors that leave the channel unchanged: malformed, if bytes have arrived and were not received, because an
    // attacker may have injected them (RFC 3207, 6; CVE-2011-0411); too_large, if a message over the limit has begun
    // and not ended; broken_pipe, after shutdown_send(); invalid, if another task has sent during the wait;
    // unsupported, if the stream cannot be halted or is already being replaced; no_memory; closed, and any other close
    // reason; cancelled, before the handshakes begin. Once the handshakes have begun, a cancel ends the connection. So
    // does an error of a wrapper, which names the wrapper. The channel stays open until the task has ended, even
    // without a handle.
    task<result<void>> replace_stream(wrappers through);

    // Changes the framing of both directions, from the next message on. The new framing also decodes the bytes that
    // have arrived and were not received, those of a partial message included. It also applies to a task that already
    // waits in receive(). Once receiving has ended, only sending changes. Errors, after which nothing has changed:
    // too_large, if a message over the limit (oversize=skip or stream) has begun and not ended; unsupported, if a
    // wrapper fixes the framing (wrapper::fixed_framing()).
    ignorable_result switch_framing(framing described) { return core().switch_framing(std::move(described)); }
    // The framing with which the next message is decoded.
    const framing& described() const noexcept { return core().described(); }

    // close_reason() returns why receiving ended, or errc::none until then. failure() returns why send() fails, or
    // errc::none while it does not. The returned reference may become outdated, so call the function again after an
    // event.
    const error& close_reason() const { return core().close_reason(); }
    const error& failure() const { return core().failure(); }
    // Bytes that were sent and that the kernel has not taken yet.
    std::size_t queued_bytes() const { return core().queued(); }
    // The number of bytes of a partial message that have arrived; 0 between two messages.
    std::uint64_t partial_bytes() const { return core().partial_bytes(); }
    // Bytes of memory that the channel holds for messages; 0 while it is idle.
    std::size_t held_bytes() const { return core().held_bytes(); }
    // The counters of this channel.
    const channel_stats& stats() const { return core().stats(); }
    // The address of the peer, its credentials, and what the wrappers have found out about it.
    peer_info peer() const { return peer_info(core()); }
    // Returns the state of the socket in the kernel. Errors: unsupported, if the stream is not based on a socket of the
    // kernel; cancelled, after abort().
    result<kernel_view> ask_kernel() const;

    // Splits the handle into one for receiving and one for sending, for use by two tasks. The channel closes after both
    // handles were destroyed.
    std::pair<channel_reader, channel_writer> split() &&;

    // For the library.
    explicit channel(internal::channel_core& core) noexcept : handle_(core) {}
    internal::channel_core& core() const { return handle_.core(); }

private:
    internal::channel_handle handle_;
};

// The receiving side of a channel that was split; its functions do the same as those of `channel`. Thread safety: its
// loop's thread alone, one receive at a time.
class channel_reader {
public:
    // These functions do the same as those of `channel`.
    awaitable<result<message>> auto receive(deadline until = {}) {
        return internal::receive_awaiter(handle_.get(), until);
    }
    ignorable_result switch_framing(framing described) { return core().switch_framing(std::move(described)); }
    const error& close_reason() const { return core().close_reason(); }
    const channel_stats& stats() const { return core().stats(); }
    peer_info peer() const { return peer_info(core()); }

    // For the library.
    explicit channel_reader(internal::channel_core& core) noexcept : handle_(core) {}
    internal::channel_core& core() const { return handle_.core(); }

private:
    internal::channel_handle handle_;
};

// The sending side of a channel that was split; its functions do the same as those of `channel`. Thread safety: its
// loop's thread alone; several tasks may send.
class channel_writer {
public:
    // These functions do the same as those of `channel`.
    awaitable<ignorable_result> auto send(bytes_view payload) { return internal::send_awaiter(handle_.get(), payload); }
    awaitable<ignorable_result> auto send(const message& one) {
        return internal::send_message_awaiter(handle_.get(), one);
    }
    awaitable<ignorable_result> auto send(buffer&& payload) {
        return internal::send_buffer_awaiter(handle_.get(), payload);
    }
    awaitable<ignorable_result> auto send(const shared_payload& one) {
        return internal::send_shared_awaiter(handle_.get(), one);
    }
    awaitable<ignorable_result> auto flush() { return internal::flush_awaiter(handle_.get()); }
    void pace(duration interval) { core().pace(interval); }
    void shutdown_send() { core().shutdown_send(); }
    const error& failure() const { return core().failure(); }
    std::size_t queued_bytes() const { return core().queued(); }
    peer_info peer() const { return peer_info(core()); }

    // For the library.
    explicit channel_writer(internal::channel_core& core) noexcept : handle_(core) {}
    internal::channel_core& core() const { return handle_.core(); }

private:
    internal::channel_handle handle_;
};

inline std::pair<channel_reader, channel_writer> channel::split() && {
    std::pair<channel_reader, channel_writer> both{channel_reader(core()), channel_writer(core())};
    const channel taken = std::move(*this);
    return both;
}

}  // namespace weir
