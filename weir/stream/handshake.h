// Reads and sends the bytes of a stream in a coroutine: for the handshake of a wrapper, before there are messages.
//
//     weir::handshake opening(std::move(below));
//     if (auto greeted = co_await opening.receive_at_least(6); !greeted) co_return greeted.error();
#pragma once

#include "weir/base/language.h"

#include <coroutine>
#include <cstddef>
#include <cstdint>

#include "weir/base/buffer.h"
#include "weir/base/result.h"
#include "weir/coroutine/awaitable.h"
#include "weir/coroutine/internal/event_awaiter.h"
#include "weir/coroutine/task.h"
#include "weir/loop/byte_stream.h"
#include "weir/loop/internal/intrusive_list.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {
class handshake_line;
class handshake_operation;
}  // namespace internal

// Reads and sends the bytes of a stream for the handshake of a wrapper. Owns the stream until release(); its destructor
// closes a stream that was not released. One task at a time may receive or halt, and one may send; a second one fails a
// WEIR_CHECK. A server that has reached limits::handshakes ends the handshake whose peer has sent and taken nothing for
// the longest time (over_limit). The memory of a handshake is not counted in limits::held_bytes_of_a_loop. Thread
// safety: its loop's thread alone.
class handshake final : private byte_stream::user, private internal::list_item<handshake> {
public:
    // receive_more() fails with too_large when received() holds this many bytes or more. The last read may exceed it.
    static constexpr std::size_t default_most_bytes = 16 * 1024;

    // Takes ownership of the stream. `most_bytes` is the limit of received(), see default_most_bytes.
    explicit handshake(owned_stream below, std::size_t most_bytes = default_most_bytes);
    handshake(const handshake&) = delete;
    handshake& operator=(const handshake&) = delete;
    ~handshake();

    // Waits until more bytes have arrived, and appends them to received(). After cancelled nothing is lost: the next
    // call returns at once when bytes have arrived meanwhile. Other errors are final: truncated, if the peer has closed
    // its sending side; too_large; no_memory; those of the connection.
    awaitable<ignorable_result> auto receive_more();
    // Waits until received() holds `count` bytes or more. Errors: those of receive_more().
    task<result<void>> receive_at_least(std::size_t count);
    // The bytes that have arrived. The handshake calls consume() for the bytes that it has used. A view of the bytes is
    // valid until the next co_await.
    buffer& received() noexcept { return received_; }

    // Sends a copy of all of `bytes`, and waits until the kernel has them. Errors: no_memory, cancelled, and those of
    // the connection; all are final for sending.
    awaitable<ignorable_result> auto send(bytes_view bytes);

    // Stops the receive that a cancelled receive_more() left in progress, so that release() may be called. It is for a
    // handshake that no longer waits for bytes. No task may wait in send(); otherwise a WEIR_CHECK fails. Errors:
    // unsupported, see byte_stream::halt(); cancelled; the error with which receiving ended.
    awaitable<ignorable_result> auto halt();

    // Returns the stream. Reads from it first return the bytes that are left in received(). The call fails a WEIR_CHECK
    // while a receive is in progress, even one that a cancelled receive_more() left (call halt() first); while a task
    // waits in send(); after a cancelled send(); and after an error that is final.
    owned_stream release();
    // The stream below, for its addresses and its socket; valid until release(). Do not receive or send on it.
    const byte_stream& below() const noexcept { return *below_; }

private:
    friend class internal::handshake_line;
    friend class internal::intrusive_list<handshake>;
    friend class internal::handshake_operation;

    // idle ──▶ busy ──▶ idle; or unseen, if it completed while no task waited; or over, after a final error
    enum class state : std::uint8_t { idle, busy, unseen, over };
    struct direction {
        state now = state::idle;
        error why{errc::none};                           // the error, in state over
        internal::handshake_operation* waits = nullptr;  // the waiting task, in state busy; null after its cancellation
    };

    void on_received(arrival came) noexcept override;
    void on_sent(outcome how) noexcept override;
    void on_halted() noexcept override;
    void begin_receive() noexcept;
    void begin_send(bytes_view bytes) noexcept;
    errc begin_halt() noexcept;
    void submit_receive();
    void submit_send(bytes_view bytes);
    void take(arrival came) noexcept;
    void has_progressed() noexcept;
    void drop() noexcept;
    void sent(outcome how) noexcept;
    static void resume(direction& one) noexcept;
    template <class Step>
    static void guarded(direction& one, Step step) noexcept;

    owned_stream below_;
    internal::handshake_line* line_ = nullptr;  // the line of the server, if it belongs to one
    const std::size_t most_bytes_;
    buffer received_;
    buffer sending_;
    direction input_;
    direction output_;
};

namespace internal {

// The awaiter of receive_more(), send() and halt(). Thread safety: its loop's thread alone.
class handshake_operation final : event_awaiter {
public:
    enum class kind : std::uint8_t { receive, send, halt };
    handshake_operation(handshake& of, kind what, bytes_view bytes = {}) noexcept
        : of_(of), on_(what == kind::send ? of.output_ : of.input_), what_(what), bytes_(bytes) {}
    ~handshake_operation() override { take_back(); }

    bool await_ready() const noexcept { return false; }
    template <on_a_loop Promise>
    bool await_suspend(std::coroutine_handle<Promise> frame) {
        if (!frame.promise().chain().requested() && completes_at_once()) return false;
        return park(frame);
    }
    ignorable_result await_resume();

private:
    friend class weir::handshake;

    bool completes_at_once();
    void abandon() noexcept override;

    handshake& of_;
    handshake::direction& on_;
    const kind what_;
    bytes_view bytes_;
    errc refused_ = errc::none;
};

}  // namespace internal

inline awaitable<ignorable_result> auto handshake::receive_more() {
    return internal::handshake_operation(*this, internal::handshake_operation::kind::receive);
}
inline awaitable<ignorable_result> auto handshake::halt() {
    return internal::handshake_operation(*this, internal::handshake_operation::kind::halt);
}
inline awaitable<ignorable_result> auto handshake::send(bytes_view bytes) {
    return internal::handshake_operation(*this, internal::handshake_operation::kind::send, bytes);
}

}  // namespace weir
