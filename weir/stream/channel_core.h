// What lies beneath a channel and outlives its handle: the stream, the decoder, what is to be sent, the clocks, and the
// polite end. A receive or a send that is under way belongs to it, not to whoever awaits it; so a cancelled one loses
// nothing.
//
//     stream ──▶ lent bytes ──▶ decoder ──▶ event ──▶ receive()      asks the stream only while someone waits
//     send() ──▶ encoder ──▶ outgoing ──▶ stream                     once a turn
//
// All but the stream and a few clocks and counters is channel_work, which it has only while there is something to do.
//
// When the last handle is gone it departs: it sends what is left, shuts its side down, reads and drops what the peer
// still sends, and closes (RFC 2525, 2.17).
#pragma once

#include <chrono>
#include <coroutine>
#include <memory>
#include <new>
#include <optional>

#include "weir/framing/encoder.h"
#include "weir/loop/byte_stream.h"
#include "weir/loop/cancellation.h"
#include "weir/loop/loop.h"
#include "weir/loop/timer.h"
#include "weir/stream/channel_limits.h"
#include "weir/stream/channel_stats.h"
#include "weir/stream/channel_work.h"
#include "weir/stream/isolate.h"
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

// What channels of one kind have in common, on the loop that runs when it is made. Thread safety: that loop's thread
// alone.
class channel_terms {
public:
    // Work that is kept for the next channel that has something to do.
    static constexpr std::size_t most_spare_works = 256;

    channel_terms(framing described, const channel_limits& limited_by);

    const encoder encode;
    const channel_limits limits;

    // As it was made, but for the count of its lease.
    // Null when there is no memory for it, and what is kept for that case is in use.
    std::unique_ptr<channel_work> take_work() noexcept;
    void keep_work(std::unique_ptr<channel_work> one) noexcept;

    // One that something happened to while there was no work for it: it ends as soon as there is.
    void starve(channel_core& one) noexcept;
    void no_longer_starves(channel_core& one) noexcept;

private:
    loop::dependent here_;
    class relief final : public ready_item {
    public:
        explicit relief(channel_terms& of) noexcept : of_(of) {}
        void run() override { of_.relieve(); }

    private:
        channel_terms& of_;
    };
    void relieve() noexcept;

    std::unique_ptr<channel_work> spare_works_;
    std::size_t spare_count_ = 0;
    std::unique_ptr<channel_work> reserve_;  // for one that must end for lack of memory
    channel_core* starving_ = nullptr;
    relief relief_{*this};
};
using shared_terms = std::shared_ptr<channel_terms>;

// Made on the heap by a channel; destroys itself. Thread safety: its loop's thread alone.
class channel_core final : private byte_stream::user, private cancellable, private timer {
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
    // While others wait for memory: fewer bytes of it than these, in byte_budget::patience, are no progress.
    static constexpr std::uint64_t least_moved_bytes = 16 * 1024;
    // What a framing may add to a message, usually.
    static constexpr std::size_t header_room = 64;

    channel_core(owned_stream below, shared_terms terms, address peer);

    // The number of handles that share it; the last release begins the close.
    void enter() noexcept { ++handles_; }
    void leave() noexcept;
    // There is no memory for what it has to do: its peer is not served any more. Ends both ways with errc::no_memory.
    void lack_memory() noexcept;
    void watched_by(channel_watch* one) noexcept { watch_ = one; }

    // Receiving, by its awaiter.
    // True when something can be taken at once.
    bool begin_receive(deadline until) noexcept {
        bool has_one = true;
        return !survive([&] { has_one = try_receive(until); }) || has_one;
    }
    bool try_receive(deadline until) {
        receive_until_ = until;
        if (work_ == nullptr || work_->taken >= work_->quick_until || work_->turn != here_->turns())
            return begin_receive_slowly();
        channel_work& now = *work_;
        now.views.renew();
        now.event = now.decoding.next();
        if (now.event.what != decoder::message) return go_on_receiving();
        now.receiving.hand();
        return true;
    }
    // Nothing can be: who waits is resumed later, also where it can be taken now, but others have their turn first.
    // False: it was cancelled.
    template <on_a_loop Promise>
    bool wait_for_message(std::coroutine_handle<Promise> frame) {
        cancellation& chain = frame.promise().chain();
        if (chain.requested()) {
            if (channel_work* const now = busy_or_starve()) now->answer = internal::receive_answer::cancelled;
            return false;
        }
        chain.enter(*this);
        waiter_ = &frame.promise();
        frame_ = frame;
        begin_waiting();
        return true;
    }
    result<message> take_message() {
        if (work_ == nullptr || !work_->receiving.is_handing()) return take_message_safely();
        channel_work& now = *work_;
        now.receiving.taken(false);
        ++now.taken;
        ++stats_.messages_received;
        return message(now.event.payload, lease::stamp(now.views));
    }
    // The frame that waits is destroyed.
    void leave_waiting() noexcept;

    // Sending, by its awaiter.
    waiting_line& senders() noexcept { return busy().senders; }
    bool can_send_quickly(std::size_t payload_bytes) const noexcept {
        return work_ != nullptr && work_->outgoing.size() + payload_bytes < work_->quick_room;
    }
    bool can_send(std::size_t payload_bytes);
    // False: nothing was done, send() knows.
    bool send_quickly(bytes_view payload) {
        buffer& outgoing = work_->outgoing;
        const std::size_t before = outgoing.size();
        if (before >= work_->quick_room) return false;
        bool is_usual = false;
        if (!survive([&] { is_usual = terms_->encode.encode_usual(payload, outgoing); }) || !is_usual) return false;
        ++stats_.messages_sent;
        stats_.bytes_sent += outgoing.size() - before;
        return true;
    }
    result<void> send(bytes_view payload);
    result<void> send_in_place(buffer& payload);
    // A sender has had its turn, whatever came of it.
    void next_sender() noexcept {
        if (work_ != nullptr && !work_->senders.empty()) [[unlikely]]
            call_sender();
    }
    waiting_line& flushers() noexcept { return busy().flushers; }
    bool is_flushed() const noexcept {
        return work_ == nullptr || (!work_->sending.is_sending() && work_->outgoing.empty()) ||
               work_->sending.has_failed();
    }
    result<void> flushed();
    void pace(duration interval);
    void shutdown_send();

    result<void> switch_framing(framing described);
    // No message is waited for any more: when what has come by now is received, receiving ends at the next boundary
    // with errc::cancelled.
    void drain();
    // Ends it now: the peer is reset, what is queued is dropped.
    void abort(error why);

    const error& close_reason() const;
    errc close_reason_code() const noexcept { return work_ == nullptr ? errc::none : work_->close_reason.code(); }
    const error& failure() const;
    const framing& described() const noexcept { return terms_->encode.described(); }
    const channel_stats& stats() const noexcept { return stats_; }
    // Bytes that were sent but not given to the world.
    std::size_t queued() const noexcept {
        return work_ == nullptr ? 0 : work_->outgoing.size() + (work_->sending.is_sending() ? below_->unsent() : 0);
    }
    // Bytes of memory that it holds for messages.
    std::size_t held_bytes() const noexcept;
    // True while somebody waits in receive(), and it does without its work.
    bool is_idle() const noexcept { return waits() && work_ == nullptr; }
    // Bytes that have come of a message that is not whole.
    std::uint64_t partial_bytes() const noexcept {
        if (work_ == nullptr || work_->decoding.at_boundary()) return 0;
        return stats_.bytes_received - work_->decoding.offset();
    }
    // Null when it was cut.
    byte_stream* below() noexcept { return below_.get(); }
    const address& peer() const noexcept { return peer_; }

private:
    friend struct channel_work;
    friend class channel_terms;

    ~channel_core() override;

    // byte_stream::user
    std::span<std::byte> room() noexcept override;
    void received(arrival came) noexcept override;
    void sent(outcome how) noexcept override;
    bool awaits_sent() const noexcept override;
    // timer
    void expire() override;
    // cancellable
    void cancel_wait() noexcept override;
    task_promise* waiter() const noexcept override { return waiter_; }

    channel_work& busy() {
        if (work_ == nullptr) wake();
        return *work_;
    }
    void wake();
    // Null when there is none to be had; it ends as soon as there is.
    channel_work* busy_or_starve() noexcept;
    // Runs a step of its own; false when it lacked memory.
    template <class Step>
    bool survive(Step step) noexcept {
        try {
            step();
            return true;
        } catch (const std::bad_alloc&) {
            lack_memory();
            return false;
        }
    }
    void idle_if_done() noexcept;
    void give_work_back() noexcept;
    bool has_nothing_to_do() const noexcept;
    void begin_waiting();
    void wait_no_more() noexcept;
    void resume_receiver();
    void tell_receiver();
    void answer_receiver() noexcept;

    bool begin_receive_slowly();
    void skip_unwaited() noexcept;
    bool go_on_receiving();
    result<message> take_message_safely();
    result<message> take_message_slowly();
    void call_sender() noexcept;
    void was_encoded(std::size_t frame_bytes);
    bool advance();
    bool settle_event();
    bool ask();
    // Tells the loop's budget what it holds; what one turn gathers to be sent is not counted.
    void count_memory() noexcept;
    std::size_t memory() const noexcept;
    std::size_t may_become() const;
    std::size_t with_its_answer(std::size_t message_bytes) const noexcept;
    bool may_receive();
    bool may_queue(std::size_t payload_bytes) noexcept;
    void memory_came() noexcept;
    std::optional<time_point> peer_moved() noexcept;
    void evict() noexcept;
    void evict_now();
    // Large memory for large torn messages comes from the loop, and goes back when they are whole.
    void fit_memory();
    bool waits_for_bytes() const noexcept { return (is_reading() || work_->held.is_waiting()) && !has_ended(); }
    void take(arrival came);
    void end(error why) {
        work_->close_reason = std::move(why);
        work_->receiving.end();
        work_->quick_until = 0;
        if (work_->has_no_line()) work_->held.unpromise();  // nothing more comes
    }
    void sending_failed(outcome how);
    void fail_sending(error why);
    void flush_at_turn_end() noexcept;
    void end_turn();
    void flush();
    void begin_sending();
    bool shut_down();
    void was_flushed();
    // Whether another message may be queued: from high water on none, until low water.
    bool find_room() noexcept;
    const channel_limits& limits() const noexcept { return terms_->limits; }
    bool over_budget() noexcept;
    void begin_close();
    void step_away();
    void begin_leaving();
    bool has_left() const noexcept;
    void drop_input();
    void die();
    bool has_dropped_enough() const noexcept {
        return limits().linger_bytes && work_->dropped > *limits().linger_bytes;
    }
    std::optional<duration> stall_limit() const noexcept;
    deadline due() const noexcept;
    void set_clock();
    void check_receiving(time_point told);
    void check_sending(time_point now);
    void end_drained() {
        end(error(errc::cancelled, {}, {}, "cancelled: no more is received at the end of the service"));
    }
    const error& in_full(error channel_work::* which, const char* operation) const;
    bool has_ended() const noexcept { return !(work_->close_reason == errc::none); }
    bool waits() const noexcept { return waiting_ == internal::waiter_state::parked; }
    bool is_reading() const noexcept { return work_->input_is == internal::input_state::reading; }
    // Checked builds hold the states against each other before each event (channel_invariants_on.cc); other builds do
    // nothing.
    void check_invariants() const;
    bool waits_for_first() const noexcept { return stats_.messages_received + stats_.messages_skipped == 0; }
    bool in_gap() const noexcept {
        return described().fields().kind == framing_kind::idle && !work_->decoding.at_boundary();
    }

    // First, where a timer leaves room.
    internal::waiter_state waiting_ = internal::waiter_state::nobody;
    bool starves_ = false;
    std::uint8_t handles_ = 0;

    loop::dependent here_;
    owned_stream below_;
    shared_terms terms_;
    // Invariant: without it either nothing has been done yet, or somebody waits in receive(), the stream is asked, and
    // all else is as in the beginning.
    std::unique_ptr<channel_work> work_;
    channel_core* next_starving_ = nullptr;

    // Who is in receive().
    std::coroutine_handle<> frame_;
    task_promise* waiter_ = nullptr;
    deadline receive_until_;

    channel_watch* watch_ = nullptr;
    channel_stats stats_;
    address peer_;

    // Clocks. They move on while nobody waits in receive().
    time_point opened_;
    time_point active_;  // a byte came, or went
};

}  // namespace weir
