// Sends and receives datagrams on a loop. Each datagram is one message; the network may lose it, duplicate it or
// deliver it late.
//
//     auto opened = weir::datagram_channel::bind(*weir::address::parse("0.0.0.0:9000"));
//     if (!opened) co_return opened.error();
//     while (auto came = co_await opened->receive())
//         co_await opened->send_to(*came, came->from());
#pragma once

#include <cstdint>
#include <memory>
#include <source_location>
#include <utility>

#include "weir/base/result.h"
#include "weir/coroutine/internal/only_awaited.h"
#include "weir/coroutine/internal/waiting_line.h"
#include "weir/loop/datagram_port.h"
#include "weir/loop/internal/delivery_timer.h"
#include "weir/loop/loop.h"
#include "weir/stream/internal/lease.h"
#include "weir/stream/message.h"

namespace [[gnu::visibility("default")]] weir {

// A datagram that was received: a view, valid until the next receive() on its channel (message.h).
class datagram_message : public message {
public:
    // For the library.
    datagram_message(message content, address from, std::size_t full_size) noexcept
        : message(content), from_(std::move(from)), full_size_(full_size) {}

    // The address of the sender; address() if the sender has none.
    const address& from() const noexcept { return from_; }
    // The size of the datagram as it was sent, in bytes; more than size() when the datagram was truncated.
    std::size_t full_size() const noexcept { return full_size_; }

private:
    address from_;
    std::size_t full_size_;
};

namespace internal {

// The state of a datagram_channel. Thread safety: its loop's thread alone.
class datagram_core final : private datagram_port::user,
                            private internal::ready_item,
                            private internal::delivery_timer {
public:
    // The most datagrams that are received and sent in one turn, so that other tasks run.
    static constexpr std::uint64_t most_datagrams_a_turn = 256;

    explicit datagram_core(owned_port port);
    // When the object is destroyed, no task may wait in receive() or send(); otherwise a WEIR_CHECK fails.
    ~datagram_core() override;

    bool begin_receive(deadline until, std::source_location where);
    result<datagram_message> take();

    internal::waiting_line& receivers() noexcept { return receivers_; }
    internal::waiting_line& senders() noexcept { return senders_; }
    // Returns false when the task must wait in line.
    bool may_send() noexcept;
    outcome send(bytes_view payload, const address& to);
    void next_sender() noexcept;
    datagram_port& port() noexcept { return *port_; }

private:
    // Counts the memory of the datagram that was received last. This object never waits for memory, so resume() does
    // nothing.
    struct memory final : internal::byte_budget::holder {
        using holder::holder;
        void resume() noexcept override {}
        std::optional<time_point> peer_moved() noexcept override { return {}; }
        void evict() noexcept override {}
    };

    void on_received(arrived_datagram one) noexcept override;
    void on_writable() noexcept override;
    void run() override;
    void overdue() override;
    bool over_budget() noexcept;
    void keep(arrived_datagram one) noexcept;
    void continue_next_turn() noexcept;

    loop& here_;
    loop::dependent dependent_{here_};
    memory memory_{here_.budget()};
    owned_port port_;
    arrived_datagram came_;
    internal::lease lease_;
    std::unique_ptr<std::byte[]> isolated_;
    internal::waiting_line receivers_;
    internal::waiting_line senders_;
    enum class input : std::uint8_t { none, submitted, arrived };  // submitted: the port will call on_received()
    input input_ = input::none;
    bool is_late_ = false;
    bool is_full_ = false;  // whether the kernel's send buffer is full
    std::uint64_t turn_ = 0;
    std::uint64_t this_turn_ = 0;
};

}  // namespace internal

// A datagram socket on a loop. Each datagram is one message. The channel must not be destroyed while a task waits in
// receive() or send(). Thread safety: its loop's thread alone; one receive at a time.
class datagram_channel {
public:
    // Opens a datagram socket on the running loop and binds it to a local address. Errors: those of socket::bind().
    static result<datagram_channel> bind(const address& here,
                                         std::source_location where = std::source_location::current());
    // Opens a datagram socket on the running loop and connects it to a peer: only datagrams of this peer are received.
    // The kernel chooses the local address. This call sends nothing.
    static result<datagram_channel> connect(const address& peer,
                                            std::source_location where = std::source_location::current());

    // The awaitable that receive() returns.
    class receiving final : internal::waiting_line::place, public internal::only_awaited {
    public:
        // For the library.
        receiving(internal::datagram_core& from, deadline until) noexcept
            : internal::waiting_line::place(from.receivers()), from_(from), until_(until) {}

        bool await_ready(std::source_location where = std::source_location::current()) {
            return from_.begin_receive(until_, where);
        }
        template <internal::on_a_loop Promise>
        bool await_suspend(std::coroutine_handle<Promise> frame) {
            return line_up(frame);
        }
        result<datagram_message> await_resume() {
            if (!use_turn()) return error(errc::cancelled, "receive", from_.port().local_address().to_string());
            return from_.take();
        }

    private:
        internal::datagram_core& from_;
        deadline until_;
    };

    // The awaitable that send() and send_to() return.
    class sending final : internal::waiting_line::place, public internal::only_awaited {
    public:
        // For the library.
        sending(internal::datagram_core& by, message payload, address to)
            : internal::waiting_line::place(by.senders()), by_(by), payload_(payload), to_(std::move(to)) {}

        bool await_ready(std::source_location where = std::source_location::current()) {
            if (!by_.may_send()) return false;
            sent_ = by_.send(payload_.view(where), to_);
            return sent_.code != errc::would_block;
        }
        template <internal::on_a_loop Promise>
        bool await_suspend(std::coroutine_handle<Promise> frame) {
            return line_up(frame);
        }
        ignorable_result await_resume(std::source_location where = std::source_location::current()) {
            if (!use_turn()) return error(errc::cancelled, "send", to_.to_string());
            if (sent_.code == errc::would_block) {
                sent_ = by_.send(payload_.view(where), to_);
                by_.next_sender();
            }
            if (!sent_.good()) return sent_.during("send", to_.to_string());
            return {};
        }

    private:
        internal::datagram_core& by_;
        message payload_;
        address to_;
        outcome sent_{errc::would_block, 0};
    };

    // Waits for the next datagram, which may be empty. Errors: timed_out, when `until` has passed, and cancelled;
    // nothing is lost then. A connected channel may also return refused: the peer's host reported that no socket
    // receives at the address. One task may receive at a time: a second receive() meanwhile fails a WEIR_CHECK.
    [[nodiscard("nothing is received without co_await: `auto datagram = co_await port.receive();`")]] receiving receive(
        deadline until = {}) {
        return {*core_, until};
    }
    // Sends one datagram. Waits while the kernel's buffer is full. Success does not mean that the datagram arrives.
    // Errors: too_large, if the payload is larger than a datagram can be (65,507 bytes over IPv4). The payload must
    // stay valid until the co_await returns. A message must still be valid when it is sent; otherwise a WEIR_CHECK
    // fails.
    [[nodiscard("nothing is sent without co_await: `co_await port.send_to(...);`")]] sending send_to(bytes_view payload,
                                                                                                     address to) {
        return {*core_, message(payload, internal::lease::stamp()), std::move(to)};
    }
    [[nodiscard("nothing is sent without co_await: `co_await port.send_to(...);`")]] sending send_to(const message& one,
                                                                                                     address to) {
        return {*core_, one, std::move(to)};
    }
    // Sends to the connected peer.
    [[nodiscard("nothing is sent without co_await: `co_await port.send_to(...);`")]] sending send(bytes_view payload) {
        return send_to(payload, address());
    }
    [[nodiscard("nothing is sent without co_await: `co_await port.send_to(...);`")]] sending send(const message& one) {
        return send_to(one, address());
    }

    // The local address, with the port that the kernel chose.
    address local_address() const { return core_->port().local_address(); }
    // The address of the connected peer; address() when the channel is not connected.
    address peer_address() const { return core_->port().peer_address(); }

private:
    explicit datagram_channel(owned_port port) : core_(std::make_unique<internal::datagram_core>(std::move(port))) {}

    std::unique_ptr<internal::datagram_core> core_;
};

}  // namespace weir
