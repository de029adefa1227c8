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

// Receives and sends. A handle: moved, never copied. A moved-from handle may only be assigned or destroyed; any other
// use is a WEIR_CHECK. Destroying a handle while a task waits in its receive(), send(), flush() or detach() is a
// WEIR_CHECK, too.
// Thread safety: its loop's thread alone.
class channel {
public:
    // Takes over the stream, on the loop that runs now. `peer` is for error texts.
    channel(owned_stream below, framing described, const channel_limits& limits = {}, address peer = {});

    // Waits for the next message and returns it, or an error. The message is a view, valid until the next receive();
    // own() copies it (message.h). One task receives at a time: a second receive meanwhile is a WEIR_CHECK. A task is
    // suspended until a message is whole, and after 1024 messages or 256 KiB in one turn, so that others run.
    //
    // After timed_out at `until`, or after the waiting task was cancelled, nothing is lost and receive() may be called
    // again. Any other error is final: it is the close reason, and every later receive() returns it.
    //   closed      the peer closed its sending side at a message boundary
    //   truncated   it did so inside a message                      reset      the connection was reset
    //   too_large   a message over the framing's max                malformed  bytes that the framing does not allow
    //   timed_out   a limit on time, see channel_limits.h           cancelled  abort() was called, or the service ends
    //   evicted     closed to free memory, see loop_memory.h        no_memory  there was no memory for it
    // A message over the limit is dropped and counted with oversize=skip, and returned in pieces with oversize=stream.
    awaitable<result<message>> auto receive(deadline until = {}) {
        return internal::receive_awaiter(handle_.get(), until);
    }

    // Waits for room (until less than high water is queued), then takes the whole message. It is sent at the end of
    // this turn at the latest, with all others of the turn, unless it is paced. The payload must stay valid until the
    // co_await returns. Several tasks may send: messages keep the order of the calls, and are never interleaved. A
    // payload that the framing cannot carry (unencodable, too_large) is refused and the channel stays usable.
    // cancelled: nothing was queued. Any other error is final; receive() still returns the messages that have arrived.
    awaitable<ignorable_result> auto send(bytes_view payload) { return internal::send_awaiter(handle_.get(), payload); }
    // The same for a message of this or another channel. It is a WEIR_CHECK when the message is no longer valid at the
    // time it is taken.
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
    // Waits until the kernel has everything that was sent.
    awaitable<ignorable_result> auto flush() { return internal::flush_awaiter(handle_.get()); }
    // Sets the least time between two messages; zero, the default, for no pace. It does not make boundaries: TCP may
    // join and split paced messages.
    void pace(duration interval) { core().pace(interval); }

    // Half-close: when everything is sent the peer reads the end. Later sends fail with broken_pipe; receiving
    // continues.
    void shutdown_send() { core().shutdown_send(); }
    // Ends the connection at once: resets the peer and drops what is queued. receive() and send() fail with
    // errc::cancelled.
    void abort() { core().abort(error(errc::cancelled, {}, {}, "abort() was called")); }

    // Gives the connection away, so that another channel, program or process can continue on it: stops reading and
    // writing, and returns the socket with what has arrived and was not received, a partial message too, and what was
    // sent and is not with the kernel. From then on receive() and send() fail with errc::cancelled, also for tasks that
    // wait in them; the last message is invalid.
    //
    // Refused, and the channel is unchanged: too_large, while a message over the limit is skipped or comes in pieces;
    // broken_pipe, while a half-close is not with the kernel yet; unsupported, where the stream has no socket (a
    // transform, a simulated network); no_memory; the reason why the connection has ended, except closed and cancelled.
    // When it has begun, these end the connection: a cancel of the waiting task, a reset that is found meanwhile, and
    // no_memory; close_reason() is then cancelled.
    task<result<detached_connection>> detach();
    // The same with the stream instead of the socket, for any stream: it may be used again on this loop.
    task<result<detached_stream>> detach_stream();

    // Puts wrappers between the stream and the channel, at a message boundary: for a protocol that begins in plain text
    // and continues in TLS (STARTTLS, RFC 3207). Waits until the kernel has everything that was sent, then for the
    // handshakes, each within its handshake_time(). A send() or receive() meanwhile is served through the wrappers.
    // What they find out is added to peer(). A WEIR_CHECK when a task waits in receive() as the handshakes begin.
    //
    // Refused, and the channel is unchanged: malformed, bytes that have arrived were not received, because an attacker
    // may have injected them (RFC 3207, 6; CVE-2011-0411); too_large, a message over the limit has begun and not ended;
    // broken_pipe, after shutdown_send(); invalid, another task has sent during the wait; unsupported, the stream
    // cannot be halted, or is being replaced already; no_memory; closed, and any other close reason; cancelled, during
    // the flush. Once the handshakes have begun, a cancel and an error of a wrapper, which names it, end the
    // connection. The channel stays open until the task has ended, also without a handle.
    task<result<void>> replace_stream(wrappers through);

    // Changes the framing of both directions from the next message on. The new framing reads the bytes that have
    // arrived and were not received, a partial message too. A task that waits in receive() receives with it. Once
    // receiving has ended, only sending changes. Errors, after which nothing was changed: too_large, a message over the
    // limit (oversize=skip or stream) has begun and not ended; unsupported, a wrapper has messages itself.
    ignorable_result switch_framing(framing described) { return core().switch_framing(std::move(described)); }
    // The framing that the next message is read with.
    const framing& described() const noexcept { return core().described(); }

    // close_reason(): why receiving ended; errc::none until then. failure(): why send() fails; errc::none while it does
    // not. Call them again after an event: the returned reference is not updated.
    const error& close_reason() const { return core().close_reason(); }
    const error& failure() const { return core().failure(); }
    // Bytes that were sent and that the kernel has not taken yet.
    std::size_t queued_bytes() const { return core().queued(); }
    // The bytes of a partial message that have arrived; 0 between two messages.
    std::uint64_t partial_bytes() const { return core().partial_bytes(); }
    // Bytes of memory that it holds for messages; none while it is idle.
    std::size_t held_bytes() const { return core().held_bytes(); }
    // What it did so far.
    const channel_stats& stats() const { return core().stats(); }
    // The address of the peer, its credentials, and what the wrappers have found out about it.
    peer_info peer() const { return peer_info(core()); }
    // Returns the state of the socket in the kernel. errc::unsupported where there is no kernel, errc::cancelled after
    // abort().
    result<kernel_view> ask_kernel() const;

    // One handle for each side, for two tasks. The channel closes after both were destroyed.
    std::pair<channel_reader, channel_writer> split() &&;

    // For the layers above.
    explicit channel(internal::channel_core& core) noexcept : handle_(core) {}
    internal::channel_core& core() const { return handle_.core(); }

private:
    internal::channel_handle handle_;
};

// The receiving side of a channel that was split; each function is that of `channel`. Thread safety: its loop's thread
// alone, one receive at a time.
class channel_reader {
public:
    // As those of channel.
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

// The sending side of a channel that was split; each function is that of `channel`. Thread safety: its loop's thread
// alone; several tasks may send.
class channel_writer {
public:
    // As those of channel.
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
