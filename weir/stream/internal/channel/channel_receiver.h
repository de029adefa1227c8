// The receiver of a channel: the decoder, the borrowed input, the message that waits to be taken, and the budget of one
// turn. It uses neither a stream nor a loop: the channel feeds it bytes and takes events from it.
//
//                next(): a message or a piece     take()
//     scanning ──────────────────────▶ holding ──────────▶ scanning, or ended when there is a close reason
//        │  ▲
//        │  │     next_quickly()           take_quickly()
//        │  └────────────────────▶ handing ──────────▶ scanning
//        │
//        └── end() ──▶ ended
//
// In `handing`, as in `holding`, the receiver holds a message, but this message is taken at once. The budget was
// already checked when the turn's first message was taken. A message that is held can still be taken after end().
//
// The stream's receiving direction has its own states, because a receive stays submitted when its task is cancelled:
//
//     open ──submitted()──▶ reading ──completed()──▶ open, or ended at the end of the stream
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "weir/base/error.h"
#include "weir/base/time.h"
#include "weir/framing/decoder_memory.h"
#include "weir/loop/borrowed_buffer.h"
#include "weir/loop/internal/spare_buffers.h"
#include "weir/stream/internal/lease.h"
#include "weir/stream/message.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {

// Why the task in receive() is resumed. `cancelled` wins even if a message is held: the next receive() returns that
// message.
enum class resume_reason : std::uint8_t {
    event,  // receive() returns what is held, or the close reason
    timed_out,
    cancelled,
};

// Sizes are in bytes. Thread safety: its loop's thread alone.
class channel_receiver {
public:
    // The budget of a turn, so that other connections run: when it is used up, receive() suspends even if a message is
    // ready.
    static constexpr std::uint64_t most_messages_a_turn = 1024;
    static constexpr std::uint64_t most_bytes_a_turn = 256 * 1024;
    // The memory of a partial message that is kept after the message was taken.
    static constexpr std::size_t kept_bytes = 64 * 1024;
    // The memory may be this many times as large as the partial message, because the last message was large.
    static constexpr std::size_t most_part = 64;

    enum class state : std::uint8_t {
        scanning,  // the decoder may have an event, or needs more bytes
        holding,   // a message or a piece waits to be taken
        handing,   // a message is being taken at once
        ended,     // there is a close reason, and nothing is held
    };
    enum class input : std::uint8_t {
        open,
        reading,  // a receive is submitted
        ended,    // the stream returned its end or an error
    };

    explicit channel_receiver(const framing& described) : decoder_(described) {}

    state now() const noexcept { return now_.state; }
    bool is_scanning() const noexcept { return now_.state == state::scanning; }
    bool is_holding() const noexcept { return now_.state == state::holding; }
    bool is_handing() const noexcept { return now_.state == state::handing; }

    // The fast path, for the messages after the first one of a turn. Requires that receive() has nothing to do except
    // to decode. `turn` is loop::turns().
    bool is_fast(std::uint64_t turn) const noexcept { return now_.taken < now_.fast_until && now_.turn == turn; }
    void leave_fast_path() noexcept { now_.fast_until = 0; }
    // Decodes the next message; the previous one becomes invalid. Returns false when the event is not a message: call
    // settle().
    bool next_quickly() {
        views_.renew();
        event_ = decoder_.next();
        if (event_.what != decoder::message) return false;
        now_.state = state::handing;
        return true;
    }
    message take_quickly() noexcept {
        now_.state = state::scanning;
        ++now_.taken;
        return {event_.payload, lease::stamp(views_)};
    }

    // Makes the last message invalid.
    void release_last() noexcept {
        views_.renew();
        if (has_ended() && !is_holding()) input_bytes_.give_back();
    }
    // Decodes the next event. A message or a piece is held until take(). Throws std::bad_alloc.
    decoder::kind next() {
        const std::uint64_t begin = decoder_.offset();
        event_ = decoder_.next();
        if (event_.what == decoder::message) now_.frame_bytes = decoder_.offset() - begin;
        return settle();
    }
    // The same for the event that next_quickly() decoded.
    decoder::kind settle() noexcept;
    // Takes the message or piece that is held. Later messages of this turn use the fast path if its budget allows it.
    // Throws std::bad_alloc.
    message take(std::uint64_t turn);
    std::size_t held_message_bytes() const noexcept { return event_.payload.size(); }
    bool holds_whole_message() const noexcept { return event_.what == decoder::message; }
    // Call it when the decoder needs more bytes: releases the borrowed input, and notes the time at which a partial
    // message began.
    void input_used_up(time_point at) noexcept;
    // True when the budget of this turn is used up.
    bool has_used_turn(std::uint64_t turn) noexcept;

    // Passes bytes to the decoder.
    void feed(borrowed_buffer bytes) {
        input_bytes_ = std::move(bytes);
        decoder_.feed(input_bytes_.view());
    }
    // The same for bytes that were read into room().
    void collected(std::size_t count) { decoder_memory::collected(decoder_, count); }
    // Counts bytes that arrived, whether they are decoded or dropped.
    void count(std::size_t bytes, time_point at) noexcept {
        now_.came_at = at;
        now_.bytes_this_turn += bytes;
    }
    void finish() { decoder_.finish(); }
    void gap() { decoder_.gap(); }

    // Ends receiving with a close reason. A message that is held can still be taken.
    void end(error why) noexcept {
        close_reason_ = std::move(why);
        if (!is_holding()) now_.state = state::ended;
        leave_fast_path();
    }
    bool has_ended() const noexcept { return !(close_reason_ == errc::none); }
    error& close_reason() noexcept { return close_reason_; }
    const error& close_reason() const noexcept { return close_reason_; }
    const error& decoder_failure() const { return decoder_.failure(); }
    // Drops a message that is held.
    void drop_held() noexcept { now_.state = has_ended() ? state::ended : state::scanning; }
    // Appends to `to` the bytes that arrived and were not received, as they arrived, a held message included. Requires
    // may_switch().
    void copy_unreceived(buffer& to) const;
    // Drops everything that arrived and was not received, and makes the last message invalid.
    void drop_all() noexcept {
        views_.renew();
        isolated_.reset();
        drop_input();
        drop_held();
    }
    // Drops the input and the partial message.
    void drop_input() noexcept {
        input_bytes_.give_back();
        decoder_.reset();
    }

    // The stream's receiving direction.
    bool is_reading() const noexcept { return now_.input == input::reading; }
    bool can_submit() const noexcept { return now_.input == input::open; }
    bool has_input_ended() const noexcept { return now_.input == input::ended; }
    void submitted() noexcept { now_.input = input::reading; }
    void completed() noexcept { now_.input = input::open; }
    void input_ended() noexcept { now_.input = input::ended; }

    // Why the task in receive() is resumed.
    resume_reason why_resumed() const noexcept { return now_.reason; }
    void set_resume_reason(resume_reason one) noexcept { now_.reason = one; }
    resume_reason take_resume_reason() noexcept { return std::exchange(now_.reason, resume_reason::event); }

    // The time limits on receiving do not run while no task is in receive(): from stop_clocks() until restart_clocks(),
    // which returns how long that was.
    void stop_clocks(time_point at) noexcept { now_.stopped_at = at; }
    duration restart_clocks(time_point at) noexcept;
    // When the first byte of the partial message arrived; no_time if there is no partial message.
    static constexpr time_point no_time = time_point::max();
    time_point begun_at() const noexcept { return now_.begun_at; }
    bool has_begun() const noexcept { return now_.begun_at != no_time; }
    time_point came_at() const noexcept { return now_.came_at; }

    // The framing.
    bool at_boundary() const noexcept { return decoder_.at_boundary(); }
    bool may_switch() const noexcept { return decoder_.may_switch(); }
    void switch_to(framing described) { decoder_.switch_to(std::move(described)); }
    std::uint64_t offset() const noexcept { return decoder_.offset(); }
    bool is_in_gap() const noexcept {
        return decoder_.described().fields().kind == framing_kind::idle && !decoder_.at_boundary();
    }

    // The memory that the receiver owns or borrows; the size of the arrived part of the partial message; the size of
    // the missing part, 0 if it is unknown.
    std::size_t memory() const noexcept { return input_bytes_.capacity() + decoder_memory::allocated(decoder_); }
    std::size_t partial_bytes() const noexcept { return decoder_memory::held(decoder_); }
    std::uint64_t missing_bytes() const noexcept { return decoder_memory::missing(decoder_); }
    bool has_input() const noexcept { return !input_bytes_.empty(); }
    // True if the last message was large and was collected in memory; the next one is probably as large.
    bool expects_large() const noexcept { return now_.large_bytes != 0; }
    // Takes memory for a large partial message from `spares`, and gives it back when it is not needed.
    void fit_memory(spare_buffers& spares);
    // Returns the memory into which the next bytes are to be read; it is empty if they are to be borrowed. wants_room()
    // returns whether room() would be non-empty.
    std::span<std::byte> room(spare_buffers& spares);
    bool wants_room(const spare_buffers& spares) const noexcept;
    // Frees the memory that the partial message does not need.
    void trim();

    // begin() prepares the receiver for a channel with this framing that has received `offset` bytes. recycle() resets
    // the receiver when the channel does not need it any more, and keeps at most `kept` bytes of each buffer.
    void begin(const framing& described, std::uint64_t offset) noexcept;
    void recycle(spare_buffers& spares, std::size_t kept) noexcept;

    // If the framing of the receiver is `described`, replaces it with `plain`. Requires that no channel uses the
    // receiver.
    void forget(const framing& described, const framing& plain) noexcept {
        if (decoder_.described().is_copy_of(described)) decoder_.switch_to(plain);
    }

    // Checks the relations between the members, each with a WEIR_CHECK.
    void check_invariants() const;

private:
    struct values {
        channel_receiver::state state = state::scanning;
        channel_receiver::input input = input::open;
        resume_reason reason = resume_reason::event;

        // The budget of the turn with this number. `taken` counts messages; the fast path ends at `fast_until`.
        std::uint64_t turn = 0;
        std::uint64_t taken = 0;
        std::uint64_t taken_until = 0;
        std::uint64_t fast_until = 0;
        std::uint64_t bytes_this_turn = 0;

        std::uint64_t frame_bytes = 0;  // the size on the wire of the message that is held
        std::size_t large_bytes = 0;    // size of the last message, if it was large and was collected
        time_point begun_at = no_time;
        time_point came_at{};
        time_point stopped_at{};
    };

    std::size_t spare_for_next(const spare_buffers& spares) const noexcept;

    values now_;
    decoder decoder_;
    decoder::event event_{decoder::more, {}};
    lease views_;
    borrowed_buffer input_bytes_;
    std::unique_ptr<std::byte[]> isolated_;  // a copy of the last message, in checked builds
    error close_reason_{errc::none};
};

}  // namespace internal
}  // namespace weir
