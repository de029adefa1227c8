// The states of a channel: of its receiver, of the waiting task, of the stream's input, of its sender, and of its
// close. Each is one enum and a table of transitions. A transition that the table does not allow is a WEIR_CHECK in
// channel_invariants_on.cc or here.
#pragma once

#include <cstdint>

#include "weir/base/check.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {

// The receiver: what the decoder gave last.
//
//                decoded()              taken()
//     scanning ─────────────▶ holding ───────────▶ scanning
//        │  ▲  ─────────────▶ handing ───────────▶
//        │  │
//        └──┴── end() ──▶ ended
//
// `handing` is `holding` for a message that is taken at once, without the bookkeeping of a turn's first message. An
// event that is held is still taken when receiving ends; the receiver is `ended` afterwards.
//
// Thread safety: a value, as all states here.
class receiver_state {
public:
    enum class value : std::uint8_t {
        scanning,  // the decoder may have an event, or needs more bytes
        holding,   // a message or a piece waits to be taken
        handing,   // a message is being taken at once
        ended,     // there is a close reason, and nothing is held
    };

    value now() const noexcept { return now_; }
    bool is_scanning() const noexcept { return now_ == value::scanning; }
    bool is_holding() const noexcept { return now_ == value::holding; }
    bool is_handing() const noexcept { return now_ == value::handing; }

    // The decoder gave a message or a piece.
    void decoded() noexcept { now_ = value::holding; }
    // It gave a message that is taken at once.
    void hand() noexcept { now_ = value::handing; }
    // The event was taken, or is dropped; `has_ended`: there is a close reason.
    void taken(bool has_ended) noexcept { now_ = has_ended ? value::ended : value::scanning; }
    // There is a close reason.
    void end() noexcept {
        if (now_ != value::holding) now_ = value::ended;
    }

private:
    value now_ = value::scanning;
};

// The task in receive().
//
//     nobody ──park()──▶ parked ──answer()──▶ resuming ──leave()──▶ nobody
enum class waiter_state : std::uint8_t {
    nobody,
    parked,    // nothing has been answered yet
    resuming,  // the loop resumes the task soon
};

// What a receive() gives when no event is held.
enum class receive_answer : std::uint8_t {
    event,  // or the close reason
    timed_out,
    cancelled,
};

// The stream's receiving direction.
//
//     open ──submit()──▶ reading ──complete()──▶ open, or ended when the stream gives no more
enum class input_state : std::uint8_t {
    open,
    reading,  // a receive is submitted
    ended,    // the stream gave its end or an error
};

// The sender: what the stream does with the outgoing bytes, and whether more may be queued.
//
//     idle ◀──────▶ sending             more may be queued
//      │ end()        │ end()           shutdown_send() was called: the queue is sent, then the direction is shut down
//      ▼              ▼
//     ending ◀────▶ ending_sending
//      │ shut_down()
//      ▼
//     shutting_down ──completed()──▶ shut_down
//
//     any state ── fail() ──▶ failed, or failed_sending while the stream has not completed
class sender_state {
public:
    enum class value : std::uint8_t {
        idle,
        sending,
        ending,
        ending_sending,
        shutting_down,
        shut_down,
        failed,
        failed_sending,
    };

    value now() const noexcept { return now_; }
    // The stream has bytes, or a shutdown, that it has not completed.
    bool is_sending() const noexcept {
        return now_ == value::sending || now_ == value::ending_sending || now_ == value::shutting_down ||
               now_ == value::failed_sending;
    }
    // Nothing can be sent any more, not even what is queued.
    bool has_failed() const noexcept { return now_ == value::failed || now_ == value::failed_sending; }
    // No further message is accepted.
    bool has_ended() const noexcept { return now_ > value::sending; }
    // The direction is to be shut down when the queue is empty.
    bool is_ending() const noexcept { return now_ == value::ending || now_ == value::ending_sending; }
    bool has_shut_down() const noexcept { return now_ == value::shutting_down || now_ == value::shut_down; }

    // The stream took over the outgoing bytes, and completes later.
    void submitted() noexcept {
        WEIR_CHECK(now_ == value::idle || now_ == value::ending, "a channel sent while its stream was sending");
        now_ = now_ == value::idle ? value::sending : value::ending_sending;
    }
    // The stream has completed. It may have failed: fail() follows.
    void completed() noexcept {
        switch (now_) {
            case value::sending: now_ = value::idle; break;
            case value::ending_sending: now_ = value::ending; break;
            case value::shutting_down: now_ = value::shut_down; break;
            case value::failed_sending: now_ = value::failed; break;
            default: WEIR_CHECK(false, "a stream completed a send that a channel had not submitted");
        }
    }
    // No further message is accepted.
    void end() noexcept {
        if (now_ == value::idle) now_ = value::ending;
        if (now_ == value::sending) now_ = value::ending_sending;
    }
    // The direction is shut down; `is_pending`: the stream completes that later.
    void shut_down(bool is_pending) noexcept {
        WEIR_CHECK(now_ == value::idle || now_ == value::ending, "a channel shut its stream down while it was sending");
        now_ = is_pending ? value::shutting_down : value::shut_down;
    }
    void fail() noexcept { now_ = is_sending() ? value::failed_sending : value::failed; }
    // The stream is gone: it completes nothing any more.
    void abort() noexcept { now_ = value::failed; }

private:
    value now_ = value::idle;
};

// The close: from the end of a service, or of the last handle, until the stream is closed.
//
//     open ──stop()──▶ stopping ──wait()──▶ in_grace ──received()──▶ last_input    while a handle exists
//       └──────────────────┴───── flush() ─────┴──────────┐
//                                                         ▼
//                                                      flushing ──drain()──▶ draining    afterwards
class close_state {
public:
    enum class value : std::uint8_t {
        open,
        stopping,    // receiving ends at the next boundary at which nothing has come
        in_grace,    // a receive is submitted: it ends when nothing comes for a short time
        last_input,  // what came was sent after the service stopped: it ends at the next boundary
        flushing,    // no handle is left: the queue is sent
        draining,    // the sending direction is shut down: the peer's bytes are dropped until it closes too
    };

    value now() const noexcept { return now_; }
    bool is_open() const noexcept { return now_ < value::flushing; }
    bool is_stopping() const noexcept { return now_ > value::open && now_ < value::flushing; }
    bool is_draining() const noexcept { return now_ == value::draining; }

    void stop() noexcept {
        if (now_ == value::open) now_ = value::stopping;
    }
    // A receive is submitted; true when the time of grace begins.
    bool wait() noexcept {
        if (now_ != value::stopping) return false;
        now_ = value::in_grace;
        return true;
    }
    // Something came.
    void received() noexcept {
        if (now_ == value::in_grace) now_ = value::last_input;
    }
    void flush() noexcept { now_ = value::flushing; }
    void drain() noexcept { now_ = value::draining; }

private:
    value now_ = value::open;
};

}  // namespace internal
}  // namespace weir
