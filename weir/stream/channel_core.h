// What lies beneath a channel and outlives its handle: the stream, the decoder, what is to be sent, the clocks, and the polite end. A
// receive or a send that is under way belongs to it, not to whoever awaits it; so a cancelled one loses nothing.
//
//     stream ──▶ lent bytes ──▶ decoder ──▶ event_ ──▶ receive()            one asks the stream only while someone waits
//     send() ──▶ encoder ──▶ outgoing_ ──▶ stream                           once a turn
//
// When the last handle is gone it departs: it sends what is left, shuts its side down, reads and drops what the peer still
// sends, and closes (RFC 2525, 2.17).
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "weir/base/buffer.h"
#include "weir/framing/decoder.h"
#include "weir/framing/encoder.h"
#include "weir/loop/byte_stream.h"
#include "weir/loop/loop.h"
#include "weir/loop/timer.h"
#include "weir/loop/waiting.h"
#include "weir/loop/waiting_line.h"
#include "weir/stream/channel_figures.h"
#include "weir/stream/channel_limits.h"
#include "weir/stream/isolate.h"
#include "weir/stream/lease.h"
#include "weir/stream/message.h"

namespace [[gnu::visibility("default")]] weir {

class channel_core;

// Whoever keeps count of channels: told when one has been closed for good.
class channel_watch {
public:
    // The core is destroyed afterwards.
    virtual void channel_closed(const channel_core& one) noexcept = 0;

protected:
    ~channel_watch() = default;
};

// The awaiter of receive(), as far as the core is concerned.
class message_waiter : public waiting {
public:
    void message_ready() noexcept { complete(); }
};

// What channels of one kind have in common.
struct channel_terms {
    channel_terms(framing described, const channel_limits& limited_by);

    encoder encode;
    channel_limits limits;
};
using shared_terms = std::shared_ptr<const channel_terms>;

// Made on the heap by a channel; destroys itself. Thread safety: its loop's thread alone.
class channel_core final : private byte_stream::user, private ready_item, private timer {
public:
    // What is received without letting others run in between: a ready receive() waits for the next turn behind these.
    static constexpr std::uint64_t most_messages_a_turn = 1024;
    static constexpr std::uint64_t most_bytes_a_turn = 256 * 1024;
    // At the end of a service: how long is waited for what has come already.
    static constexpr duration drain_grace = std::chrono::milliseconds(10);
    // What of a torn message's memory stays when it has been given.
    static constexpr std::size_t kept_bytes = 64 * 1024;
    // How much larger than the torn message its memory may be, because the last message was so large.
    static constexpr std::size_t most_part = 64;
    // What a framing may add to a message, usually.
    static constexpr std::size_t header_room = 64;

    channel_core(owned_stream below, shared_terms terms, address peer);

    // Handles that share it; the last one to leave makes it depart.
    void enter() noexcept { ++handles_; }
    void leave() noexcept;
    void watched_by(channel_watch* one) noexcept { watch_ = one; }

    // Receiving, by its awaiter. True when something can be taken at once.
    bool begin_receive(deadline until) {
        if (!is_quick()) return begin_receive_slowly(until);
        lease_.renew();
        receive_until_ = until;
        is_late_ = false;
        event_ = decoder_.next();
        if (event_.what != decoder::message) return settle_event() && advance() && !over_budget();
        has_event_ = true;
        return true;
    }
    // True when it can be taken now all the same, but others have their turn first.
    bool wait_for_message(message_waiter& one);
    void tell_receiver();
    void wait_no_more() noexcept {
        receiver_ = nullptr;
        unwaited_ = here_->now();
    }
    result<message> take_message() {
        if (!has_event_ || event_.what != decoder::message || memory_.is_torn() || torn_bytes_ != 0)
            return take_message_slowly();
        has_event_ = false;
        has_begun_ = false;
        ++figures_.messages_received;
        ++messages_this_turn_;
        return message(isolate(event_.payload, isolated_), lease::stamp(lease_));
    }

    // Sending, by its awaiter.
    waiting_line& senders() noexcept { return senders_; }
    bool can_send() {
        if (failure_ == errc::none && here_->now() >= next_send_) [[likely]]
            return senders_.empty() && senders_.called() == 0 && has_room();
        return can_send_slowly();
    }
    result<void> send(bytes_view payload);
    // A sender has had its turn, whatever came of it.
    void next_sender() noexcept {
        if (!senders_.empty()) [[unlikely]]
            call_sender();
    }
    waiting_line& flushers() noexcept { return flushers_; }
    bool is_flushed() const noexcept { return (!is_sending_ && outgoing_.empty()) || is_broken_; }
    result<void> flushed() const;
    void pace(duration interval) noexcept { pace_ = interval; }
    void shutdown_send();

    void switch_framing(framing described);
    // No message is waited for any more: when what has come by now is received, receiving ends at the next boundary with errc::cancelled.
    void drain();
    // Ends it now: the peer is reset, what is queued is dropped.
    void cut(error why);

    const error& ending() const { return in_full(ending_, "receive"); }
    errc ending_code() const noexcept { return ending_.code(); }
    const error& failure() const { return in_full(failure_, "send"); }
    const framing& described() const noexcept { return terms_->encode.described(); }
    const channel_figures& figures() const noexcept { return figures_; }
    // Bytes that were sent but not given to the world.
    std::size_t queued() const noexcept { return outgoing_.size() + (is_sending_ ? below_->unsent() : 0); }
    // Bytes of memory that it holds for messages.
    std::size_t held_bytes() const noexcept;
    // Null when it was cut.
    byte_stream* below() noexcept { return below_.get(); }
    const address& peer() const noexcept { return peer_; }

private:
    enum class state : std::uint8_t { open, flushing, lingering };

    struct departure final : ready_item {
        explicit departure(channel_core& owner) noexcept : core(owner) {}
        void run() override { core.die(); }
        void end() noexcept { unlist(); }
        channel_core& core;
    };

    // Goes on receiving when the loop's budget has room again.
    struct memory final : byte_budget::holder {
        explicit memory(channel_core& owner) noexcept : holder(owner.here_->budget()), core(owner) {}
        void resume() noexcept override {
            if (!core.is_listed()) core.here_->make_ready(core);
        }
        channel_core& core;
    };

    ~channel_core() override;

    // byte_stream::user
    std::span<std::byte> room() noexcept override;
    void received(arrival came) noexcept override;
    void sent(outcome how) noexcept override;
    bool awaits_sent() const noexcept override {
        return state_ != state::open || ends_sending_ || !outgoing_.empty() || !senders_.empty() || !flushers_.empty();
    }
    // ready_item: the end of a turn in which something was to be sent, or the next step of departing
    void run() override;
    // timer
    void expire() override;

    // Others of this turn's messages were received, more may lie in what came, and there is nothing else to think of.
    bool is_quick() const noexcept {
        return receiver_ == nullptr && !has_event_ && !is_asked_ && torn_bytes_ == 0 && unwaited_ == here_->now() &&
               turn_ == here_->turns() && messages_this_turn_ < most_messages_a_turn &&
               bytes_this_turn_ < most_bytes_a_turn && !has_ended();
    }
    bool begin_receive_slowly(deadline until);
    result<message> take_message_slowly();
    bool can_send_slowly();
    void call_sender() noexcept;
    bool advance();
    bool settle_event();
    bool ask();
    // Tells the loop what it holds; what one turn gathers to be sent is not counted.
    void count_memory(bool is_torn) noexcept;
    // Large memory for large torn messages comes from the loop, and goes back when they are whole.
    void fit_memory();
    bool waits_for_bytes() const noexcept { return (is_asked_ || memory_.is_paused()) && !has_ended(); }
    void take(arrival came);
    void end(error why) { ending_ = std::move(why); }
    void sending_failed(outcome how);
    void fail_sending(error why);
    void flush_at_turn_end() noexcept;
    void flush();
    void begin_sending();
    bool shut_down();
    void was_flushed();
    bool has_room() const noexcept { return !limits().high_water_bytes || queued() < *limits().high_water_bytes; }
    const channel_limits& limits() const noexcept { return terms_->limits; }
    bool over_budget() noexcept;
    void depart();
    void step_away();
    void drop_input();
    void die();
    static time_point later(time_point from, duration by) noexcept;
    bool has_dropped_enough() const noexcept { return limits().linger_bytes && dropped_ > *limits().linger_bytes; }
    std::optional<duration> stall_limit() const noexcept;
    deadline due() const noexcept;
    void set_clock();
    void check_receiving(time_point told);
    void check_sending(time_point now);
    void end_drained() {
        end(error(errc::cancelled, {}, {}, "cancelled: no more is received at the end of the service"));
    }
    const error& in_full(error& which, const char* operation) const;
    bool has_ended() const noexcept { return !(ending_ == errc::none); }
    bool waits_for_first() const noexcept { return figures_.messages_received + figures_.messages_skipped == 0; }
    bool in_gap() const noexcept { return described().fields().kind == framing_kind::idle && !decoder_.at_boundary(); }

    loop::dependent here_;
    owned_stream below_;
    shared_terms terms_;
    decoder decoder_;

    // Receiving. Invariant: is_asked_ means that the decoder said `more` and holds no input.
    memory memory_{*this};
    lent_bytes input_;
    decoder::event event_{decoder::more, {}};
    lease lease_;
    std::unique_ptr<std::byte[]> isolated_;  // the last message, in checked builds
    message_waiter* receiver_ = nullptr;
    deadline receive_until_;
    std::size_t torn_bytes_ = 0;  // of the last message, when it was large and torn
    bool has_event_ = false;
    bool is_asked_ = false;
    bool is_draining_ = false;
    bool has_drained_ = false;      // what comes now was sent after the drain began
    time_point drained_{};          // when that is taken for granted
    bool is_late_ = false;          // receive_until_ passed
    bool has_input_ended_ = false;  // the stream is not asked any more

    // Sending. Invariant: while is_sending_ the stream has bytes that are not in outgoing_.
    bool is_sending_ = false;
    bool is_broken_ = false;     // nothing can be sent any more, not even what is queued
    bool ends_sending_ = false;  // shut down as soon as everything is sent
    bool has_shut_down_ = false;
    bool send_was_reset_ = false;  // the kernel tells a reset once, and then an end of stream
    state state_ = state::open;
    std::uint8_t handles_ = 0;
    buffer outgoing_;
    waiting_line senders_;
    waiting_line flushers_;
    duration pace_{};
    time_point next_send_{};

    // Said in full when somebody asks: most connections end, and nobody wants to know of which peer.
    mutable error ending_{errc::none};
    mutable error failure_{errc::none};
    channel_figures figures_;
    channel_watch* watch_ = nullptr;

    // Clocks. The times of receiving move on while nobody waits in receive().
    time_point opened_;
    time_point begun_{};     // the first byte of a message that is not whole
    time_point active_;      // a byte came, or went
    time_point came_{};      // bytes, the last time
    time_point unwaited_{};  // since then nobody waits
    bool has_begun_ = false;
    time_point progress_{};  // the peer took something of what is being sent; looked at four times in the limit
    time_point looked_{};
    std::size_t unsent_then_ = 0;

    address peer_;

    // Departing.
    departure departure_{*this};
    time_point cut_at_{};
    std::uint64_t dropped_ = 0;

    // The budget of a turn.
    std::uint64_t turn_ = 0;
    std::uint64_t messages_this_turn_ = 0;
    std::uint64_t bytes_this_turn_ = 0;
};

}  // namespace weir
