// A blocking channel: a connected socket and a framing. It receives and sends whole messages, with the same functions
// as the coroutine channel; each call blocks its thread.
//
//     auto connected = connect_to("127.0.0.1:9000");
//     if (!connected) return connected.error().print();
//     blocking_channel server(std::move(*connected), framing::lines());
//     if (auto sent = server.send("hello"); !sent) return sent.error().print();
//     while (auto message = server.receive()) std::cout << message->text() << '\n';
//     // server.close_reason() is the reason why there is no further message
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "weir/coroutine/task.h"
#include "weir/framing/decoder.h"
#include "weir/framing/decoder_memory.h"
#include "weir/framing/encoder.h"
#include "weir/loop/byte_stream.h"
#include "weir/socket/socket.h"
#include "weir/stream/detached.h"
#include "weir/stream/internal/lease.h"
#include "weir/stream/message.h"
#include "weir/stream/peer_facts.h"
#include "weir/stream/wrapper.h"

namespace [[gnu::visibility("default")]] weir {

namespace internal {
class driven_stream;
}

// Receives and sends whole messages, and blocks the calling thread meanwhile. Thread safety: one thread may receive
// while another one sends. Otherwise only one thread at a time may use the channel.
class blocking_channel {
public:
    // The size of one read, in bytes.
    static constexpr std::size_t receive_bytes = 64 * 1024;
    // The most bytes that close() reads and drops before it stops waiting for the peer.
    static constexpr std::uint64_t linger_bytes = 1 << 20;
    // The bytes of memory that are kept in each direction after a larger message.
    static constexpr std::size_t kept_bytes = 64 * 1024;
    // How long close() waits for the peer by default, and how long the destructor of a channel with wrappers waits.
    static constexpr duration linger_time = std::chrono::seconds(2);

    // Takes over the socket, which must be a connected stream socket.
    blocking_channel(socket connection, framing described);
    // The same for a socket that other code has made, such as an inherited or passed one. Checks the socket and makes
    // it blocking. Errors: invalid, if it is not a stream socket or if it listens; not_connected.
    static result<blocking_channel> adopt(socket connection, framing described);
    // The same through wrappers (wrapper.h). Each handshake may take the handshake_time() of its wrapper; all
    // handshakes must end before the deadline. Errors: also those of the wrappers, timed_out, and those of
    // loop_thread::start(). Afterwards a separate thread drives the connection, on its own loop. Between the two
    // threads there is a buffer of 64 KiB in each direction. send() returns when the message is in this buffer, so its
    // error may belong to an earlier message. close() returns whether everything was sent; the destructor also waits
    // for that, for linger_time at most. connection() fails a WEIR_CHECK, and detach() fails with unsupported.
    static result<blocking_channel> adopt(socket connection, wrappers through, framing described, deadline until = {});
    // The same for any byte stream: `make` is called and awaited on the separate thread.
    static result<blocking_channel> adopt_stream(std::function<task<result<owned_stream>>()> make, framing described);
    // Continues on a connection that a channel has given away, see channel::detach(). First sends its unsent bytes,
    // until the deadline.
    static result<blocking_channel> adopt(detached_connection connected, framing described, deadline until = {});
    // A moved-from channel may only be assigned or destroyed.
    blocking_channel(blocking_channel&&) noexcept;
    blocking_channel& operator=(blocking_channel&&) noexcept;
    ~blocking_channel();

    // Gives the connection away, with the bytes that have arrived and were not received. adopt() continues on it, in
    // this process or in another one. The close reason is then errc::cancelled, and the last message is invalid. Errors
    // that leave the channel unchanged: too_large, while a message over the limit is being skipped or returned in
    // pieces; unsupported, if the channel has wrappers; the close reason, except closed; the error of a send that has
    // failed.
    result<detached_connection> detach();

    // Waits for the next message and returns it, or an error. The message is a view, see message.h. Except for
    // timed_out at the deadline, an error is final: it is the close reason, and every later receive() returns it.
    //   closed      the peer closed its sending side at a message boundary
    //   truncated   the peer closed it inside a message             reset      the connection was reset
    //   too_large   a message over the framing's max                malformed  bytes that the framing does not allow
    // timed_out: the deadline passed; nothing is lost, and receive() may be called again. With oversize=skip, a message
    // over the limit is dropped and counted. With oversize=stream, it is returned in pieces.
    result<message> receive(deadline until = {});

    // Sends the whole message: header and payload in one system call, unless the kernel's buffer is full. If the
    // framing cannot carry the payload, the error is unencodable or too_large, nothing is sent, and the channel stays
    // usable. Any other error is final, because a part of the message may have been sent. timed_out is not final if no
    // part was sent.
    result<void> send(bytes_view payload, deadline until = {});

    // Sets the minimum time between the beginnings of two sends. Zero, the default, means no pace. A send that comes
    // too early sleeps. If its deadline comes before the end of the sleep, it fails with timed_out and sends nothing. A
    // pace does not create message boundaries: TCP may join and split paced messages.
    void pace(duration interval) noexcept { pace_ = interval; }

    // Limits how long a send may wait without progress: it fails with timed_out when the peer takes no byte for this
    // long. nullopt, the default, means no limit.
    void limit_stall(std::optional<duration> without_progress) noexcept { stall_ = without_progress; }

    // Half-close: the peer reads the end of the stream. Later sends fail with broken_pipe; receiving continues.
    result<void> shutdown_send();

    // Closes without loss: half-closes, reads and drops input until the peer closes too, and then closes the socket. It
    // drops at most linger_bytes and waits for at most `linger`. The destructor only closes the socket: unread input
    // then makes the kernel reset the connection, and the reset can destroy the last message that was sent (RFC 2525,
    // 2.17).
    result<void> close(duration linger = linger_time);

    // Why receiving ended; errc::none until then.
    const error& close_reason() const noexcept { return close_reason_; }

    // The number of messages since the channel was made.
    std::uint64_t messages_received() const noexcept { return messages_received_; }
    std::uint64_t messages_sent() const noexcept { return messages_sent_; }
    std::uint64_t messages_skipped() const noexcept { return messages_skipped_; }

    // Bytes of memory that the channel holds for messages.
    std::size_t held_bytes() const;

    // The address of the peer, or the address that a wrapper has set (the client behind a proxy). A Unix client usually
    // has no address; peer() then returns the address of this side.
    const address& peer() const noexcept { return peer_; }
    // What the wrappers found out about the peer; empty without wrappers.
    const peer_facts& facts() const noexcept { return facts_; }
    // The framing of the channel.
    const framing& described() const noexcept { return encoder_.described(); }
    // The socket, for options, and for shutdown() from another thread. Do not receive or send through it. A channel
    // with wrappers has no socket: the call then fails a WEIR_CHECK.
    weir::socket& connection() {
        WEIR_CHECK(driven_ == nullptr, "a blocking channel with wrappers, such as TLS, has no socket");
        return connection_;
    }

private:
    blocking_channel(std::unique_ptr<internal::driven_stream> driven, framing described, peer_facts facts);

    // These functions use the socket, or, in a channel with wrappers, the stream.
    result<std::size_t> receive_some(std::span<std::byte> into, deadline until);
    result<std::size_t> send_some(bytes_view bytes, deadline until);
    result<void> end_output();
    std::size_t untaken_bytes(deadline until);
    bool is_open() const noexcept { return driven_ != nullptr || connection_.is_open(); }
    result<message> give(const decoder::event& step);
    error ended(error why);
    void read(deadline until, std::optional<error>& trouble);
    bool waits_for_pace(deadline until);

    weir::socket connection_;
    std::unique_ptr<internal::driven_stream> driven_;  // instead of the socket, with wrappers
    peer_facts facts_;
    address peer_;
    decoder decoder_;
    encoder encoder_;
    internal::lease lease_;
    buffer unread_;                          // the bytes of an adopted connection, while the decoder reads them
    std::unique_ptr<std::byte[]> input_;     // allocated by the first receive: receive_bytes
    std::unique_ptr<std::byte[]> isolated_;  // a copy of the last message, in checked builds
    buffer outgoing_;                        // the frame that is being sent
    error close_reason_{errc::none};
    error send_failure_{errc::none};
    bool has_shut_down_ = false;   // shutdown_send() was called before a send had failed
    bool send_was_reset_ = false;  // both directions use it, by atomic_ref; the kernel reports a reset only once
    std::optional<duration> stall_;
    duration pace_{};
    time_point next_send_;  // the earliest time of the next send, with a pace
    time_point last_came_;  // when bytes last arrived, for a framing in which a gap ends a message
    std::uint64_t messages_received_ = 0;
    std::uint64_t messages_sent_ = 0;
    std::uint64_t messages_skipped_ = 0;
};

}  // namespace weir
