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
#include <memory>
#include <optional>

#include "weir/framing/decoder.h"
#include "weir/framing/decoder_memory.h"
#include "weir/framing/encoder.h"
#include "weir/socket/socket.h"
#include "weir/stream/internal/lease.h"
#include "weir/stream/message.h"

namespace [[gnu::visibility("default")]] weir {

// Thread safety: one thread may receive while another one sends. Each direction, and everything else, is for one thread
// at a time.
class blocking_channel {
public:
    // The size of one read, and the most that close() reads and drops before it stops waiting for the peer.
    static constexpr std::size_t receive_bytes = 64 * 1024;
    static constexpr std::uint64_t linger_bytes = 1 << 20;
    // The memory that stays in each direction after a larger message.
    static constexpr std::size_t kept_bytes = 64 * 1024;
    static constexpr duration linger_time = std::chrono::seconds(2);

    // Takes over the socket, which must be a connected stream socket.
    blocking_channel(socket connection, framing described);
    // The same for a socket from elsewhere, inherited or passed: it is checked and set to blocking. Errors: invalid, if
    // it is no stream socket, or listens; not_connected.
    static result<blocking_channel> adopt(socket connection, framing described);
    blocking_channel(blocking_channel&&) noexcept = default;
    blocking_channel& operator=(blocking_channel&&) noexcept = default;
    ~blocking_channel() = default;

    // Waits for the next message and returns it, or an error. The message is a view, see message.h. Except for
    // timed_out, an error is final: it is the close reason, and every later receive() returns it.
    //   closed      the peer closed its sending side at a message boundary
    //   truncated   it did so inside a message                      reset      the connection was reset
    //   too_large   a message over the framing's max                malformed  bytes that the framing does not allow
    // timed_out: the deadline passed; nothing is lost, and receive() may be called again. A message over the limit is
    // dropped and counted with oversize=skip, and returned in pieces with oversize=stream.
    result<message> receive(deadline until = {});

    // Sends the whole message: header and payload in one system call, unless the kernel's buffer is full. A payload
    // that the framing cannot carry (unencodable, too_large) is refused, nothing is sent, and the channel stays good.
    // Any other error is final, because a part of the message may have been sent; timed_out is not final when no part
    // was.
    result<void> send(bytes_view payload, deadline until = {});

    // A send fails with timed_out when the peer takes nothing for this long; nullopt, the default: it waits.
    void limit_stall(std::optional<duration> without_progress) noexcept { stall_ = without_progress; }

    // Half-close: the peer reads the end of the stream. Receiving continues.
    result<void> shutdown_send();

    // Closes without loss: half-closes, reads and drops what the peer still sends until it closes too, at most
    // linger_bytes and for `linger` at most, and closes the socket. The destructor only closes: unread input then makes
    // the kernel reset the peer, and the reset can destroy the last message sent to it (RFC 2525, 2.17).
    result<void> close(duration linger = linger_time);

    // Why receiving ended; errc::none until then.
    const error& close_reason() const noexcept { return close_reason_; }

    // Counted since the construction.
    std::uint64_t messages_received() const noexcept { return messages_received_; }
    std::uint64_t messages_sent() const noexcept { return messages_sent_; }
    std::uint64_t messages_skipped() const noexcept { return messages_skipped_; }

    // Bytes of memory that it holds for messages.
    std::size_t held_bytes() const noexcept {
        return (input_ != nullptr ? receive_bytes : 0) + decoder_memory::allocated(decoder_) + outgoing_.capacity();
    }

    // The peer's address. A Unix client usually has none; then it is the address of this side.
    const address& peer() const noexcept { return peer_; }
    const framing& described() const noexcept { return encoder_.described(); }
    // The socket, for options, and for shutdown() from another thread. Do not receive or send through it.
    weir::socket& connection() noexcept { return connection_; }

private:
    result<message> give(const decoder::event& step);
    error ended(error why);
    void read(deadline until, std::optional<error>& trouble);

    weir::socket connection_;
    address peer_;
    decoder decoder_;
    encoder encoder_;
    internal::lease lease_;
    std::unique_ptr<std::byte[]> input_;     // receive_bytes, once something is received
    std::unique_ptr<std::byte[]> isolated_;  // the last message, in checked builds
    buffer outgoing_;                        // the frame that is being sent
    error close_reason_{errc::none};
    error send_failure_{errc::none};
    bool send_was_reset_ = false;  // by atomic_ref, for both directions; the kernel reports a reset once, then an end
    std::optional<duration> stall_;
    time_point last_came_;  // where a gap ends a message: when bytes last arrived
    std::uint64_t messages_received_ = 0;
    std::uint64_t messages_sent_ = 0;
    std::uint64_t messages_skipped_ = 0;
};

}  // namespace weir
