// The sender of a channel: the queue of encoded messages, the pace, and the tasks that wait in send() and flush(). It
// does not use the loop: the time is an argument.
//
//     idle ◀─────────▶ sending             messages are accepted; a close calls shut_down() from `idle`, too
//      │ end()           │ end()
//      ▼                 ▼
//     finishing ◀────▶ finishing_sending   end() was called: the queue is sent, then the direction is shut down
//      │ shut_down()
//      ▼
//     shutting_down ──completed()──▶ shut_down     directly, if the stream shuts down at once
//
//     any state ── fail(), set_failed() ──▶ failed, or failed_sending while the stream has not completed
//     any state ── abort() ──▶ failed              the stream is closed
#pragma once

#include <cstdint>
#include <optional>

#include "weir/base/buffer.h"
#include "weir/base/check.h"
#include "weir/base/error.h"
#include "weir/base/time.h"
#include "weir/coroutine/internal/waiting_line.h"
#include "weir/framing/encoder.h"
#include "weir/loop/byte_stream.h"
#include "weir/loop/internal/spare_buffers.h"
#include "weir/loop/send_queue.h"
#include "weir/stream/channel_limits.h"
#include "weir/stream/internal/stall_watch.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {

// Sizes are in bytes. Thread safety: its loop's thread alone.
class channel_sender {
public:
    // The most bytes that a framing usually adds to a message.
    static constexpr std::size_t header_room = 64;

    enum class state : std::uint8_t {
        idle,
        sending,
        finishing,
        finishing_sending,
        shutting_down,
        shut_down,
        failed,
        failed_sending,
    };

    state now() const noexcept { return now_.state; }
    // True while a send or a shutdown is submitted to the stream and not completed.
    bool is_sending() const noexcept {
        return now_.state == state::sending || now_.state == state::finishing_sending ||
               now_.state == state::shutting_down || now_.state == state::failed_sending;
    }
    // True when nothing more is sent, and the queue was dropped.
    bool has_failed() const noexcept { return now_.state == state::failed || now_.state == state::failed_sending; }
    // True when no further message is accepted.
    bool has_ended() const noexcept { return now_.state > state::sending; }
    // True when the sending side is to be shut down once the queue is empty.
    bool is_finishing() const noexcept {
        return now_.state == state::finishing || now_.state == state::finishing_sending;
    }
    bool has_shut_down() const noexcept { return now_.state == state::shutting_down || now_.state == state::shut_down; }
    // True when flush() has nothing to wait for: the kernel has taken everything, or sending failed.
    bool is_flushed() const noexcept { return (!is_sending() && queue_.empty()) || has_failed(); }
    // Why no further message is accepted; errc::none while messages are accepted.
    error& failure() noexcept { return failure_; }
    const error& failure() const noexcept { return failure_; }
    bool is_good() const noexcept { return failure_ == errc::none; }

    // Accepts no further message; the queue is still sent.
    void end(error why) noexcept {
        if (now_.state == state::idle) now_.state = state::finishing;
        if (now_.state == state::sending) now_.state = state::finishing_sending;
        failure_ = std::move(why);
    }
    // Ends sending and drops the queue. Keeps the first reason.
    void fail(error why) noexcept {
        leave_fast_path();
        if (!has_failed()) failure_ = std::move(why);
        set_failed();
        queue_.release();
    }
    // The same without a reason, for a stream that could not be shut down.
    void set_failed() noexcept { now_.state = is_sending() ? state::failed_sending : state::failed; }
    // Call it when the stream is closed and completes nothing any more.
    void abort() noexcept {
        now_.state = state::failed;
        now_.stream_memory = 0;
    }
    // Call it when the stream shuts its sending direction down. `is_pending` means that the shutdown completes later.
    void shut_down(bool is_pending) noexcept {
        WEIR_CHECK(now_.state == state::idle || now_.state == state::finishing,
                   "a channel shut its stream down while it was sending");
        now_.state = is_pending ? state::shutting_down : state::shut_down;
    }
    // Submits the queue to the stream. Returns nothing when there is nothing to submit, or the stream completes later.
    std::optional<outcome> submit(byte_stream* below);
    // Call it when the stream has completed what was submitted. If the operation failed, call fail() next.
    void completed() noexcept;

    // The queue. Call take_memory() before a message is encoded into it; `own_bytes` is the size of the part that will
    // be copied.
    send_queue& queue() noexcept { return queue_; }
    const send_queue& queue() const noexcept { return queue_; }
    void take_memory(spare_buffers& spares, std::size_t own_bytes) {
        if (queue_.bytes().capacity() == 0) queue_.bytes() = spares.take(own_bytes + header_room);
    }
    // Appends an encoded message and takes over its memory. Copies either the message or the queue, whichever is
    // smaller. If the queue has blocks, a small message is copied and a large one becomes a block.
    void append_in_place(buffer& frame, spare_buffers& spares);
    // The bytes that were queued and that the kernel has not taken yet.
    std::size_t queued(const byte_stream* below) const noexcept {
        return queue_.size() + (is_sending() ? below->unsent() : 0);
    }
    // The memory of the queue, and of the bytes that were submitted to the stream. counted_memory() does not include
    // what was queued in this turn.
    std::size_t memory() const noexcept { return now_.stream_memory + queue_.memory(); }
    std::size_t counted_memory() const noexcept { return now_.stream_memory + (is_sending() ? queue_.memory() : 0); }
    // Returns what memory() would be after one more message of this size.
    std::size_t memory_with(std::size_t payload_bytes) const noexcept {
        return now_.stream_memory + queue_.size() + payload_bytes + header_room;
    }

    // The fast path, for the messages after the first one of a turn: it ends when `queue_bytes` are queued, and when
    // send() has to do more than encode.
    bool takes_quickly(std::size_t payload_bytes) const noexcept {
        return queue_.size() + payload_bytes < now_.fast_bytes;
    }
    void allow_fast_path(std::size_t queue_bytes) noexcept { now_.fast_bytes = queue_bytes; }
    void leave_fast_path() noexcept { now_.fast_bytes = 0; }

    // Returns whether another message may be queued. At high water this becomes false, until the queue has fallen to
    // low water.
    bool has_room(const channel_limits& limits, const byte_stream* below) noexcept;

    // The pace: the minimum time between two messages.
    void pace(duration interval) noexcept {
        now_.pace = interval;
        leave_fast_path();
    }
    bool is_paced() const noexcept { return now_.pace != duration{}; }
    void paced(time_point at) noexcept {
        if (is_paced()) now_.next_send = later(at, now_.pace);
    }
    time_point next_send() const noexcept { return now_.next_send; }

    // Watches whether the peer takes the bytes that were submitted to the stream.
    stall_watch& taken_by_peer() noexcept { return now_.taken_by_peer; }
    const stall_watch& taken_by_peer() const noexcept { return now_.taken_by_peer; }

    // The tasks in send() and in flush().
    waiting_line& senders() noexcept { return senders_; }
    const waiting_line& senders() const noexcept { return senders_; }
    waiting_line& flushers() noexcept { return flushers_; }
    const waiting_line& flushers() const noexcept { return flushers_; }
    bool is_first_in_line() const noexcept { return senders_.empty() && senders_.called() == 0; }
    // True when no task waits in send() or flush(), and each task that was woken has resumed.
    bool has_no_line() const noexcept { return is_first_in_line() && flushers_.empty() && flushers_.called() == 0; }
    void call_all() noexcept {
        flushers_.call_all();
        senders_.call_all();
    }
    // True when the completion of a send must be reported soon.
    bool awaits_sent() const noexcept {
        return has_ended() || !queue_.empty() || !senders_.empty() || !flushers_.empty();
    }

    // Resets the sender when the channel does not need it any more. Requires has_no_line().
    void recycle(spare_buffers& spares) noexcept;

    // Checks the relations between the members, each by a WEIR_CHECK.
    void check_invariants() const;

private:
    struct values {
        channel_sender::state state = state::idle;
        bool was_high = false;  // the queue reached high water, and has not fallen to low water since
        std::size_t fast_bytes = 0;
        std::size_t stream_memory = 0;  // of the bytes that are submitted and not completed
        duration pace{};
        time_point next_send{};
        stall_watch taken_by_peer;
    };

    values now_;
    send_queue queue_;
    waiting_line senders_;
    waiting_line flushers_;
    error failure_{errc::none};
};

}  // namespace internal
}  // namespace weir
